SELECT t.run_id, COUNT(*)
FROM trial_starts AS t
JOIN attempts AS a ON a.batch = t.batch AND a.attempt = t.attempt
JOIN batches AS b ON b.id = t.batch
WHERE t.batch = ? AND t.attempt < b.attempt AND NOT a.excused
GROUP BY t.run_id
