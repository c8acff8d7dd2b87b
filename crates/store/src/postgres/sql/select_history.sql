SELECT run_id, document::text AS document
FROM benchmark_results
WHERE config_id = $1
ORDER BY measured_at, run_id
