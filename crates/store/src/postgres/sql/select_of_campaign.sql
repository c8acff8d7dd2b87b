SELECT run_id, document::text AS document
FROM benchmark_results
WHERE campaign = $1
ORDER BY measured_at, run_id
