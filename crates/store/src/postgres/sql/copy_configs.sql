COPY benchmark_configs (
    config_id, model, quantisation, hardware, engine, use_case, label, launch, workload
) FROM STDIN (FORMAT BINARY)
