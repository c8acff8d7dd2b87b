INSERT INTO latest_results (config_id, provenance, run_id, measured_at)
VALUES (?, ?, ?, ?)
ON CONFLICT (config_id, provenance) DO UPDATE
SET run_id = excluded.run_id, measured_at = excluded.measured_at
WHERE (excluded.measured_at, excluded.run_id) > (latest_results.measured_at, latest_results.run_id)
