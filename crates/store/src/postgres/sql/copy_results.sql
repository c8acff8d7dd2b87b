COPY benchmark_results (
    run_id, measured_at, campaign, config_id, provenance,
    model, quantisation, hardware, engine, engine_version,
    use_case, input_tokens, output_tokens, concurrency,
    ttft_p50_ms, ttft_p90_ms, ttft_p99_ms,
    tpot_p50_ms, tpot_p90_ms, tpot_p99_ms,
    itl_p50_ms, itl_p90_ms, itl_p99_ms,
    e2e_p50_ms, e2e_p90_ms, e2e_p99_ms,
    output_tps, total_tps, rps, tps_per_gpu, goodput, attainment,
    serving_usd_per_mtok_spot, serving_usd_per_mtok_on_demand,
    measured_usd_per_mtok_spot, measured_usd_per_mtok_on_demand,
    energy_per_tok, succeeded, failed, window_s, rankable, document
) FROM STDIN (FORMAT BINARY)
