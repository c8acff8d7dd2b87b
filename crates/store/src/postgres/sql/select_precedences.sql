SELECT config_id, provenance, rankable, verified, measured_at, run_id
FROM latest_results
WHERE config_id = ANY($1)
