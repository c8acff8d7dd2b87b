INSERT INTO models
SELECT * FROM json_populate_recordset(NULL::models, $1::json)
ON CONFLICT (name) DO UPDATE
SET
    provider = excluded.provider,
    repository = excluded.repository,
    parameters = excluded.parameters,
    active_parameters = excluded.active_parameters,
    context_tokens = excluded.context_tokens,
    architecture = excluded.architecture,
    usd_per_mtok_input = excluded.usd_per_mtok_input,
    usd_per_mtok_cached_input = excluded.usd_per_mtok_cached_input,
    usd_per_mtok_output = excluded.usd_per_mtok_output,
    added_at = excluded.added_at
WHERE models.added_at IS NOT NULL
