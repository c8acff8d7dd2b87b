UPDATE batches
SET
    state = ?1,
    message = ?2,
    fruitless_jobs = CASE WHEN ?1 = 'pending' THEN 0 ELSE fruitless_jobs END
WHERE id = ?3
