INSERT INTO latest_results (
    config_id, provenance, run_id, measured_at, rankable, verified, launch, workload, engine_version, caveats,
    figures_form, figures
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (config_id, provenance) DO UPDATE
SET
    run_id = excluded.run_id,
    measured_at = excluded.measured_at,
    rankable = excluded.rankable,
    verified = excluded.verified,
    launch = excluded.launch,
    workload = excluded.workload,
    engine_version = excluded.engine_version,
    caveats = excluded.caveats,
    figures_form = excluded.figures_form,
    figures = excluded.figures
WHERE (excluded.rankable, excluded.verified, excluded.measured_at, excluded.run_id)
    > (latest_results.rankable, latest_results.verified, latest_results.measured_at, latest_results.run_id)
