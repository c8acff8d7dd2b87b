UPDATE batches
SET
    state = ?1,
    message = ?2,
    fruitless_jobs = CASE WHEN ?1 = 'pending' THEN 0 ELSE fruitless_jobs END,
    submissions = submissions + (?1 = 'submitted')
WHERE id = ?3 AND (?4 IS NULL OR (state = ?4 AND submissions = ?5))
