SELECT r.run_id, r.document
FROM latest_results AS l
JOIN benchmark_results AS r ON r.run_id = l.run_id
WHERE l.figures_form <> ?
