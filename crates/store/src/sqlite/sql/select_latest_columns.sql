SELECT config_id, run_id, measured_at, provenance, launch, workload, engine_version, caveats, figures,
    figures_form
FROM latest_results
ORDER BY config_id, provenance
