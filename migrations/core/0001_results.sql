-- Results, on any PostgreSQL from 15. migrations/timescale turns `benchmark_results` into a hypertable: that
-- is why its primary key holds the time, and why what must be unique is in `runs`.

-- Every run ever stored: a result is new exactly when its run is.
CREATE TABLE runs (
    run_id text COLLATE "C" PRIMARY KEY,
    campaign text COLLATE "C" NOT NULL,
    config_id text COLLATE "C" NOT NULL,
    trial bigint NOT NULL,
    batch text COLLATE "C" NOT NULL,
    attempt bigint NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX runs_campaign ON runs (campaign);

-- What each run yielded. `document` is the whole result; the columns are for queries and dashboards.
CREATE TABLE benchmark_results (
    run_id text COLLATE "C" NOT NULL REFERENCES runs (run_id),
    measured_at timestamptz NOT NULL,
    campaign text COLLATE "C" NOT NULL,
    config_id text COLLATE "C" NOT NULL,
    provenance text COLLATE "C" NOT NULL,
    model text COLLATE "C" NOT NULL,
    quantisation text COLLATE "C" NOT NULL,
    hardware text COLLATE "C" NOT NULL,
    engine text COLLATE "C" NOT NULL,
    engine_version text,
    use_case text COLLATE "C" NOT NULL,
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    concurrency bigint NOT NULL,
    ttft_p50_ms double precision NOT NULL,
    ttft_p90_ms double precision NOT NULL,
    ttft_p99_ms double precision NOT NULL,
    tpot_p50_ms double precision,
    tpot_p90_ms double precision,
    tpot_p99_ms double precision,
    itl_p50_ms double precision,
    itl_p90_ms double precision,
    itl_p99_ms double precision,
    e2e_p50_ms double precision NOT NULL,
    e2e_p90_ms double precision NOT NULL,
    e2e_p99_ms double precision NOT NULL,
    output_tps double precision NOT NULL,
    total_tps double precision NOT NULL,
    rps double precision NOT NULL,
    tps_per_gpu double precision,
    goodput double precision,
    attainment double precision,
    serving_usd_per_mtok_spot double precision,
    serving_usd_per_mtok_on_demand double precision,
    measured_usd_per_mtok_spot double precision,
    measured_usd_per_mtok_on_demand double precision,
    energy_per_tok double precision,
    succeeded bigint NOT NULL,
    failed bigint NOT NULL,
    window_s double precision NOT NULL,
    rankable boolean NOT NULL,
    document json NOT NULL,
    PRIMARY KEY (run_id, measured_at)
);

CREATE INDEX benchmark_results_campaign ON benchmark_results (campaign, measured_at, run_id);
CREATE INDEX benchmark_results_config ON benchmark_results (config_id, measured_at, run_id);

-- The latest result of each configuration and provenance, maintained by whoever stores a result.
CREATE TABLE latest_results (
    config_id text COLLATE "C" NOT NULL,
    provenance text COLLATE "C" NOT NULL,
    run_id text COLLATE "C" NOT NULL REFERENCES runs (run_id),
    measured_at timestamptz NOT NULL,
    PRIMARY KEY (config_id, provenance)
);

-- How many results were ever stored: one row. A writer locks it first, so that writers follow one another
-- and the number seen by a reader never falls behind the results that it sees.
CREATE TABLE results_revision (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    revision bigint NOT NULL
);

INSERT INTO results_revision (revision) VALUES (0);
