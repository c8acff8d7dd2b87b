INSERT INTO latest_results (config_id, provenance, run_id, measured_at, rankable)
VALUES (?, ?, ?, ?, ?)
ON CONFLICT (config_id, provenance) DO UPDATE
SET run_id = excluded.run_id, measured_at = excluded.measured_at, rankable = excluded.rankable
WHERE (excluded.rankable, excluded.measured_at, excluded.run_id)
    > (latest_results.rankable, latest_results.measured_at, latest_results.run_id)
