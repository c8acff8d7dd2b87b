INSERT INTO daily_model_stats (
    day, model, quantisation, hardware, engine, use_case, provenance, runs, configurations,
    ttft_p90_ms_mean, ttft_p90_ms_min, tpot_p90_ms_mean, tpot_p90_ms_min, output_tps_mean, output_tps_max,
    serving_usd_per_mtok_spot_mean, serving_usd_per_mtok_spot_min
)
SELECT
    $1, model, quantisation, hardware, engine, use_case, provenance,
    count(*), count(DISTINCT config_id),
    avg(ttft_p90_ms), min(ttft_p90_ms), avg(tpot_p90_ms), min(tpot_p90_ms), avg(output_tps), max(output_tps),
    avg(serving_usd_per_mtok_spot), min(serving_usd_per_mtok_spot)
FROM benchmark_results
WHERE
    rankable
    AND measured_at >= $1::timestamp AT TIME ZONE 'UTC'
    AND measured_at < ($1 + 1)::timestamp AT TIME ZONE 'UTC'
GROUP BY model, quantisation, hardware, engine, use_case, provenance
