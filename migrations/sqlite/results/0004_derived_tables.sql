-- What follows from results.

-- Every configuration that has a result, written with its first one since this migration. Many share a launch and a
-- workload, whose whole descriptions are kept once.
CREATE TABLE launches (
    id TEXT PRIMARY KEY,
    description TEXT NOT NULL
) STRICT;

CREATE TABLE workloads (
    id TEXT PRIMARY KEY,
    description TEXT NOT NULL
) STRICT;

CREATE TABLE benchmark_configs (
    config_id TEXT PRIMARY KEY,
    model TEXT NOT NULL,
    quantisation TEXT NOT NULL,
    hardware TEXT NOT NULL,
    engine TEXT NOT NULL,
    use_case TEXT NOT NULL,
    label TEXT NOT NULL,
    launch TEXT NOT NULL,
    workload TEXT NOT NULL
) STRICT;

-- Campaigns that have results. How far a campaign is, is in the ledger.
CREATE TABLE campaigns (
    id TEXT PRIMARY KEY,
    results INTEGER NOT NULL,
    first_measured_at TEXT NOT NULL,
    last_measured_at TEXT NOT NULL
) STRICT;

INSERT INTO campaigns (id, results, first_measured_at, last_measured_at)
SELECT campaign, count(*), min(measured_at), max(measured_at)
FROM benchmark_results
GROUP BY campaign;

-- The figures that configurations are compared by, so that a catalogue is made without reading documents. `figures_form`
-- names the list of them: a row that another version wrote is read from its document. Eight bytes each, the lowest first.
ALTER TABLE latest_results ADD COLUMN launch TEXT NOT NULL DEFAULT '';
ALTER TABLE latest_results ADD COLUMN workload TEXT NOT NULL DEFAULT '';
ALTER TABLE latest_results ADD COLUMN caveats TEXT NOT NULL DEFAULT '';
ALTER TABLE latest_results ADD COLUMN figures_form INTEGER NOT NULL DEFAULT 0;
ALTER TABLE latest_results ADD COLUMN figures BLOB NOT NULL DEFAULT x'';

-- No number of requests in flight was asked for, which is not zero of them. SQLite changes no constraint of a table.
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
    ttft_p50_ms REAL NOT NULL,
    ttft_p90_ms REAL NOT NULL,
    ttft_p99_ms REAL NOT NULL,
    tpot_p50_ms REAL,
    tpot_p90_ms REAL,
    tpot_p99_ms REAL,
    itl_p50_ms REAL,
    itl_p90_ms REAL,
    itl_p99_ms REAL,
    e2e_p50_ms REAL NOT NULL,
    e2e_p90_ms REAL NOT NULL,
    e2e_p99_ms REAL NOT NULL,
    output_tps REAL NOT NULL,
    total_tps REAL NOT NULL,
    rps REAL NOT NULL,
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
    window_s REAL NOT NULL,
    rankable INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;

INSERT INTO benchmark_results_new
SELECT
    run_id, measured_at, campaign, config_id, provenance, model,
    quantisation, hardware, engine, engine_version, use_case, input_tokens,
    output_tokens, nullif(concurrency, 0), ttft_p50_ms, ttft_p90_ms, ttft_p99_ms, tpot_p50_ms,
    tpot_p90_ms, tpot_p99_ms, itl_p50_ms, itl_p90_ms, itl_p99_ms, e2e_p50_ms,
    e2e_p90_ms, e2e_p99_ms, output_tps, total_tps, rps, tps_per_gpu,
    goodput, attainment, serving_usd_per_mtok_spot, serving_usd_per_mtok_on_demand,
    measured_usd_per_mtok_spot, measured_usd_per_mtok_on_demand,
    energy_per_tok, succeeded, failed, window_s, rankable, document
FROM benchmark_results;

DROP TABLE benchmark_results;
ALTER TABLE benchmark_results_new RENAME TO benchmark_results;
CREATE INDEX benchmark_results_campaign ON benchmark_results (campaign, measured_at, run_id);
CREATE INDEX benchmark_results_config ON benchmark_results (config_id, measured_at, run_id);

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

-- Days (UTC) with results that daily_model_stats does not know yet. Whoever stores a result marks its day; whoever
-- computes a day anew takes the mark away, in the same transaction.
CREATE TABLE stale_days (
    day TEXT PRIMARY KEY
) STRICT;

INSERT INTO stale_days (day)
SELECT DISTINCT substr(measured_at, 1, 10)
FROM benchmark_results;

-- Means and extremes of what may be ranked, of each day (UTC). A day is computed anew as a whole, so that late results
-- are in it.
CREATE TABLE daily_model_stats (
    day TEXT NOT NULL,
    model TEXT NOT NULL,
    quantisation TEXT NOT NULL,
    hardware TEXT NOT NULL,
    engine TEXT NOT NULL,
    use_case TEXT NOT NULL,
    provenance TEXT NOT NULL,
    runs INTEGER NOT NULL,
    configurations INTEGER NOT NULL,
    ttft_p90_ms_mean REAL NOT NULL,
    ttft_p90_ms_min REAL NOT NULL,
    tpot_p90_ms_mean REAL,
    tpot_p90_ms_min REAL,
    output_tps_mean REAL NOT NULL,
    output_tps_max REAL NOT NULL,
    serving_usd_per_mtok_spot_mean REAL,
    serving_usd_per_mtok_spot_min REAL,
    PRIMARY KEY (day, model, quantisation, hardware, engine, use_case, provenance)
) STRICT;

CREATE INDEX benchmark_results_measured ON benchmark_results (measured_at);

-- Rankings as they were published, one list for each revision of the results and each question.
CREATE TABLE model_rankings (
    revision INTEGER NOT NULL,
    use_case TEXT NOT NULL,
    shape TEXT NOT NULL,
    provenance TEXT NOT NULL,
    place INTEGER NOT NULL,
    config_id TEXT NOT NULL,
    model TEXT NOT NULL,
    quantisation TEXT NOT NULL,
    run_id TEXT NOT NULL,
    score REAL NOT NULL,
    on_pareto_front INTEGER NOT NULL,
    probability_first REAL,
    published_at TEXT NOT NULL,
    PRIMARY KEY (revision, use_case, shape, provenance, place)
) STRICT;

-- How well each model version suits each use case by the rankings last published: its best place in any of them.
CREATE TABLE model_use_cases (
    model TEXT NOT NULL,
    quantisation TEXT NOT NULL,
    use_case TEXT NOT NULL,
    provenance TEXT NOT NULL,
    best_place INTEGER NOT NULL,
    best_score REAL NOT NULL,
    best_config_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (model, quantisation, use_case, provenance)
) STRICT;

-- What GPUs, engines and clients did during a run, about once a second, written while it goes on. Whoever publishes the
-- catalogue forgets what is older than 90 days.
CREATE TABLE telemetry_samples (
    run_id TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('gpu', 'engine', 'client')),
    device INTEGER NOT NULL,
    metric TEXT NOT NULL,
    at TEXT NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (run_id, source, device, metric, at)
) STRICT;

CREATE INDEX telemetry_samples_at ON telemetry_samples (at);
