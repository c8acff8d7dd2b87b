COPY latest_results (
    config_id, provenance, run_id, measured_at, rankable, verified, launch, workload, engine_version, caveats,
    figures_form, figures
) FROM STDIN (FORMAT BINARY)
