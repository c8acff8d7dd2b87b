SELECT r.run_id, r.document::text AS document
FROM latest_results AS l
JOIN benchmark_results AS r ON r.run_id = l.run_id AND r.measured_at = l.measured_at
WHERE l.figures_form <> $1
LIMIT $2
