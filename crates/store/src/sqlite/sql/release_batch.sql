UPDATE batches
SET holder = NULL, lease_until = NULL
WHERE id = ? AND attempt = ?
