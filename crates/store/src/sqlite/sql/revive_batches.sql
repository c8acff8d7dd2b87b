UPDATE batches
SET state = 'pending', fruitless_jobs = 0, outcomes_seen = 0, message = NULL
WHERE campaign = ?1
    AND (
        state IN ('failed', 'over-budget')
        OR (
            state = 'finished'
            AND EXISTS (SELECT 1 FROM checkpoints AS c WHERE c.batch = batches.id AND c.outcome = 'failed')
        )
    )
