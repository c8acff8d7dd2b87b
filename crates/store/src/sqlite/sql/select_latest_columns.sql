-- A row of two values is read in half the time of one of ten: each is copied, and handed from thread to thread. The last
-- part may have any text in it.
SELECT
    config_id || char(10) || run_id || char(10) || measured_at || char(10) || provenance || char(10) || launch || char(10)
    || workload || char(10) || caveats || char(10) || ifnull('=' || engine_version, '') AS texts,
    CASE figures_form WHEN ? THEN figures END AS figures
FROM latest_results
ORDER BY config_id, provenance
