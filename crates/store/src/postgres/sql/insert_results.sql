INSERT INTO benchmark_results (
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
)
SELECT *
FROM unnest(
    $1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[],
    $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
    $11::text[], $12::bigint[], $13::bigint[], $14::bigint[],
    $15::float8[], $16::float8[], $17::float8[],
    $18::float8[], $19::float8[], $20::float8[],
    $21::float8[], $22::float8[], $23::float8[],
    $24::float8[], $25::float8[], $26::float8[],
    $27::float8[], $28::float8[], $29::float8[], $30::float8[], $31::float8[], $32::float8[],
    $33::float8[], $34::float8[],
    $35::float8[], $36::float8[],
    $37::float8[], $38::bigint[], $39::bigint[], $40::float8[], $41::boolean[], $42::text[]::json[]
)
