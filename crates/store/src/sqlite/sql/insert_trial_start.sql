INSERT INTO trial_starts (batch, run_id, attempt, started_at)
VALUES (?, ?, ?, ?)
ON CONFLICT (batch, run_id, attempt) DO NOTHING
