UPDATE latest_results
SET
    figures_form = $1,
    launch = told.launch,
    workload = told.workload,
    caveats = told.caveats,
    figures = told.figures
FROM unnest(
    $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bytea[]
) AS told (config_id, provenance, run_id, launch, workload, caveats, figures)
WHERE
    latest_results.config_id = told.config_id
    AND latest_results.provenance = told.provenance
    AND latest_results.run_id = told.run_id
