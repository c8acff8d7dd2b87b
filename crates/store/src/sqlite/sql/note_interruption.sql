UPDATE batches
SET
    fruitless_jobs = CASE WHEN ?1 > outcomes_seen THEN 0 ELSE fruitless_jobs + 1 END,
    outcomes_seen = max(outcomes_seen, ?1),
    message = ?2
WHERE id = ?3
RETURNING fruitless_jobs
