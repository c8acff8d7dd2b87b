-- Results of other tools lack numbers that ours have. SQLite cannot make a column nullable: the tables are written anew.
CREATE TABLE benchmark_results_new (
    run_id TEXT PRIMARY KEY REFERENCES runs (run_id),
    measured_at TEXT NOT NULL,
    campaign TEXT NOT NULL,
    config_id TEXT NOT NULL,
    provenance TEXT NOT NULL,
    model TEXT NOT NULL,
    quantisation TEXT NOT NULL,
    hardware TEXT NOT NULL,
    engine TEXT NOT NULL,
    engine_version TEXT,
    use_case TEXT NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    concurrency INTEGER,
    ttft_p50_ms REAL,
    ttft_p90_ms REAL,
    ttft_p99_ms REAL,
    tpot_p50_ms REAL,
    tpot_p90_ms REAL,
    tpot_p99_ms REAL,
    itl_p50_ms REAL,
    itl_p90_ms REAL,
    itl_p99_ms REAL,
    e2e_p50_ms REAL,
    e2e_p90_ms REAL,
    e2e_p99_ms REAL,
    output_tps REAL NOT NULL,
    total_tps REAL,
    rps REAL,
    tps_per_gpu REAL,
    goodput REAL,
    attainment REAL,
    serving_usd_per_mtok_spot REAL,
    serving_usd_per_mtok_on_demand REAL,
    measured_usd_per_mtok_spot REAL,
    measured_usd_per_mtok_on_demand REAL,
    energy_per_tok REAL,
    succeeded INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    window_s REAL,
    rankable INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;

INSERT INTO benchmark_results_new
SELECT
    run_id, measured_at, campaign, config_id, provenance, model,
    quantisation, hardware, engine, engine_version, use_case, input_tokens,
    output_tokens, concurrency, ttft_p50_ms, ttft_p90_ms, ttft_p99_ms, tpot_p50_ms,
    tpot_p90_ms, tpot_p99_ms, itl_p50_ms, itl_p90_ms, itl_p99_ms, e2e_p50_ms,
    e2e_p90_ms, e2e_p99_ms, output_tps, total_tps, rps, tps_per_gpu,
    goodput, attainment, serving_usd_per_mtok_spot, serving_usd_per_mtok_on_demand,
    measured_usd_per_mtok_spot, measured_usd_per_mtok_on_demand,
    energy_per_tok, succeeded, failed, window_s, rankable, document
FROM benchmark_results;

DROP VIEW run_evidence;
DROP TABLE benchmark_results;
ALTER TABLE benchmark_results_new RENAME TO benchmark_results;
CREATE INDEX benchmark_results_campaign ON benchmark_results (campaign, measured_at, run_id);
CREATE INDEX benchmark_results_config ON benchmark_results (config_id, measured_at, run_id);

CREATE INDEX benchmark_results_measured ON benchmark_results (measured_at);

-- The evidence behind each run, from its document.
CREATE VIEW run_evidence AS
SELECT
    run_id,
    measured_at,
    provenance,
    engine_version,
    document ->> '$.environment.engine_command' AS engine_command,
    document ->> '$.environment.runner_version' AS runner_version,
    document ->> '$.environment.runner_revision' AS runner_revision,
    document ->> '$.environment.image_digest' AS image_digest,
    document ->> '$.environment.gpus' AS gpus,
    document ->> '$.environment.gpu_driver' AS gpu_driver,
    document ->> '$.seed' AS seed,
    document ->> '$.token_source' AS token_source,
    document ->> '$.flags' AS flags,
    document ->> '$.raw_records' AS raw_records
FROM benchmark_results;

CREATE TABLE daily_model_stats_new (
    day TEXT NOT NULL,
    model TEXT NOT NULL,
    quantisation TEXT NOT NULL,
    hardware TEXT NOT NULL,
    engine TEXT NOT NULL,
    use_case TEXT NOT NULL,
    provenance TEXT NOT NULL,
    runs INTEGER NOT NULL,
    configurations INTEGER NOT NULL,
    ttft_p90_ms_mean REAL,
    ttft_p90_ms_min REAL,
    tpot_p90_ms_mean REAL,
    tpot_p90_ms_min REAL,
    output_tps_mean REAL NOT NULL,
    output_tps_max REAL NOT NULL,
    serving_usd_per_mtok_spot_mean REAL,
    serving_usd_per_mtok_spot_min REAL,
    PRIMARY KEY (day, model, quantisation, hardware, engine, use_case, provenance)
) STRICT;

INSERT INTO daily_model_stats_new SELECT * FROM daily_model_stats;
DROP TABLE daily_model_stats;
ALTER TABLE daily_model_stats_new RENAME TO daily_model_stats;
