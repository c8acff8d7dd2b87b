-- Results of other tools lack numbers that ours have.
ALTER TABLE benchmark_results
    ALTER COLUMN ttft_p50_ms DROP NOT NULL,
    ALTER COLUMN ttft_p90_ms DROP NOT NULL,
    ALTER COLUMN ttft_p99_ms DROP NOT NULL,
    ALTER COLUMN e2e_p50_ms DROP NOT NULL,
    ALTER COLUMN e2e_p90_ms DROP NOT NULL,
    ALTER COLUMN e2e_p99_ms DROP NOT NULL,
    ALTER COLUMN total_tps DROP NOT NULL,
    ALTER COLUMN rps DROP NOT NULL,
    ALTER COLUMN window_s DROP NOT NULL;

ALTER TABLE daily_model_stats
    ALTER COLUMN ttft_p90_ms_mean DROP NOT NULL,
    ALTER COLUMN ttft_p90_ms_min DROP NOT NULL;
