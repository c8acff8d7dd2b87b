INSERT INTO benchmark_configs (
    config_id, model, quantisation, hardware, engine, use_case, label, launch, workload
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (config_id) DO NOTHING
