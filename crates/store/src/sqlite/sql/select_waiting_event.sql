SELECT id, event
FROM events
WHERE handled_at IS NULL AND (?1 IS NULL OR campaign = ?1)
ORDER BY position
LIMIT 1
