INSERT INTO runs (run_id, campaign, config_id, trial, batch, attempt)
VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (run_id) DO NOTHING
