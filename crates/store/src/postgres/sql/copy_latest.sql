COPY latest_results (
    config_id, provenance, run_id, measured_at, rankable, verified, launch, workload, caveats, figures_form,
    figures
) FROM STDIN (FORMAT BINARY)
