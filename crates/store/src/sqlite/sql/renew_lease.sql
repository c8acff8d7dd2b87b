UPDATE batches
SET lease_until = ?
WHERE id = ? AND attempt = ? AND holder IS NOT NULL
