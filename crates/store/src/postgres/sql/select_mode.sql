SELECT
    split_part(current_setting('server_version'), ' ', 1) AS server,
    (SELECT default_version FROM pg_available_extensions WHERE name = 'timescaledb') AS available,
    (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb') AS installed,
    -- Without it, creating the extension is fatal and ends the connection.
    current_setting('timescaledb.max_background_workers', true) IS NOT NULL AS preloaded,
    current_setting('timescaledb.license', true) IS NOT DISTINCT FROM 'timescale' AS community
