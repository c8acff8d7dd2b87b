SELECT run_id, document
FROM benchmark_results
WHERE campaign = ?
ORDER BY measured_at, run_id
