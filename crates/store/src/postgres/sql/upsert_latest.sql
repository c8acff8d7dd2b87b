INSERT INTO latest_results (config_id, provenance, run_id, measured_at, rankable)
SELECT DISTINCT ON (config_id, provenance) config_id, provenance, run_id, measured_at, rankable
FROM unnest(
    $1::text[] COLLATE "C", $2::text[] COLLATE "C", $3::text[] COLLATE "C", $4::timestamptz[], $5::boolean[]
) AS told (config_id, provenance, run_id, measured_at, rankable)
ORDER BY config_id, provenance, rankable DESC, measured_at DESC, run_id DESC
ON CONFLICT (config_id, provenance) DO UPDATE
SET run_id = excluded.run_id, measured_at = excluded.measured_at, rankable = excluded.rankable
WHERE (excluded.rankable, excluded.measured_at, excluded.run_id)
    > (latest_results.rankable, latest_results.measured_at, latest_results.run_id)
