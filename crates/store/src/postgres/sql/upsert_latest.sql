INSERT INTO latest_results (
    figures_form, config_id, provenance, run_id, measured_at, rankable, launch, workload, caveats, figures
)
SELECT DISTINCT ON (config_id, provenance) $1, told.*
FROM unnest(
    $2::text[] COLLATE "C", $3::text[] COLLATE "C", $4::text[] COLLATE "C", $5::timestamptz[], $6::boolean[],
    $7::text[], $8::text[], $9::text[], $10::bytea[]
) AS told (config_id, provenance, run_id, measured_at, rankable, launch, workload, caveats, figures)
ORDER BY config_id, provenance, rankable DESC, measured_at DESC, run_id DESC
ON CONFLICT (config_id, provenance) DO UPDATE
SET
    figures_form = excluded.figures_form,
    run_id = excluded.run_id,
    measured_at = excluded.measured_at,
    rankable = excluded.rankable,
    launch = excluded.launch,
    workload = excluded.workload,
    caveats = excluded.caveats,
    figures = excluded.figures
WHERE (excluded.rankable, excluded.measured_at, excluded.run_id)
    > (latest_results.rankable, latest_results.measured_at, latest_results.run_id)
