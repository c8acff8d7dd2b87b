UPDATE latest_results
SET
    figures_form = $1,
    run_id = told.run_id,
    measured_at = told.measured_at,
    rankable = told.rankable,
    verified = told.verified,
    launch = told.launch,
    workload = told.workload,
    engine_version = told.engine_version,
    caveats = told.caveats,
    figures = told.figures
FROM unnest(
    $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::boolean[], $7::boolean[], $8::text[], $9::text[],
    $10::text[], $11::text[], $12::bytea[]
) AS told (
    config_id, provenance, run_id, measured_at, rankable, verified, launch, workload, engine_version, caveats, figures
)
WHERE latest_results.config_id = told.config_id AND latest_results.provenance = told.provenance
