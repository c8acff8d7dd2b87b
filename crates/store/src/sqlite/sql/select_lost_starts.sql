SELECT t.started_at, a.renewed_at
FROM trial_starts AS t
JOIN attempts AS a ON a.batch = t.batch AND a.attempt = t.attempt
JOIN batches AS b ON b.id = t.batch
WHERE t.batch = ? AND t.run_id = ? AND t.attempt < b.attempt
