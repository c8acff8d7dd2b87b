INSERT INTO telemetry_samples (run_id, source, device, metric, at, value)
VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (run_id, source, device, metric, at) DO NOTHING
