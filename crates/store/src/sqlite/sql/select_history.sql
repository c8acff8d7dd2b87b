SELECT run_id, document
FROM benchmark_results
WHERE config_id = ?
ORDER BY measured_at, run_id
