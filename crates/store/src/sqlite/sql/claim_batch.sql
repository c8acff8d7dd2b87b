UPDATE batches
SET attempt = attempt + 1, holder = ?, lease_until = ?
WHERE id = ?
RETURNING attempt
