DELETE FROM checkpoints
WHERE outcome = 'failed' AND batch IN (SELECT id FROM batches WHERE campaign = ?)
