-- Results on one machine. The same tables as migrations/core, in SQLite's words: instants are text in UTC
-- with nine decimals, so that they sort as they are.

-- Every run ever stored: a result is new exactly when its run is.
CREATE TABLE runs (
    run_id TEXT PRIMARY KEY,
    campaign TEXT NOT NULL,
    config_id TEXT NOT NULL,
    trial INTEGER NOT NULL,
    batch TEXT NOT NULL,
    attempt INTEGER NOT NULL
) STRICT;

CREATE INDEX runs_campaign ON runs (campaign);

-- What each run yielded. `document` is the whole result; the columns are for queries by hand.
CREATE TABLE benchmark_results (
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
    concurrency INTEGER NOT NULL,
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

CREATE INDEX benchmark_results_campaign ON benchmark_results (campaign, measured_at, run_id);
CREATE INDEX benchmark_results_config ON benchmark_results (config_id, measured_at, run_id);

-- The latest result of each configuration and provenance, maintained by whoever stores a result.
CREATE TABLE latest_results (
    config_id TEXT NOT NULL,
    provenance TEXT NOT NULL,
    run_id TEXT NOT NULL REFERENCES runs (run_id),
    measured_at TEXT NOT NULL,
    PRIMARY KEY (config_id, provenance)
) STRICT, WITHOUT ROWID;

-- How many results were ever stored: one row.
CREATE TABLE results_revision (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    revision INTEGER NOT NULL
) STRICT;

INSERT INTO results_revision (only_row, revision) VALUES (1, 0);
