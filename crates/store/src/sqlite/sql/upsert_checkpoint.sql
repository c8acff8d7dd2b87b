INSERT INTO checkpoints (batch, run_id, config_id, outcome, reason, attempt, at, usd, machine_s)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (batch, run_id) DO UPDATE
SET
    outcome = excluded.outcome, reason = excluded.reason, attempt = excluded.attempt, at = excluded.at,
    usd = excluded.usd, machine_s = excluded.machine_s
WHERE checkpoints.outcome <> 'stored'
