-- What follows from results.

-- Every configuration that has a result, written with its first one since this migration. Many share a launch and a
-- workload, whose whole descriptions are kept once.
CREATE TABLE launches (
    id text COLLATE "C" PRIMARY KEY,
    description json NOT NULL
);

CREATE TABLE workloads (
    id text COLLATE "C" PRIMARY KEY,
    description json NOT NULL
);

CREATE TABLE benchmark_configs (
    config_id text COLLATE "C" PRIMARY KEY,
    model text COLLATE "C" NOT NULL,
    quantisation text COLLATE "C" NOT NULL,
    hardware text COLLATE "C" NOT NULL,
    engine text COLLATE "C" NOT NULL,
    use_case text COLLATE "C" NOT NULL,
    label text COLLATE "C" NOT NULL,
    launch text COLLATE "C" NOT NULL,
    workload text COLLATE "C" NOT NULL
);

-- Campaigns that have results. How far a campaign is, is in the ledger.
CREATE TABLE campaigns (
    id text COLLATE "C" PRIMARY KEY,
    results bigint NOT NULL,
    first_measured_at timestamptz NOT NULL,
    last_measured_at timestamptz NOT NULL
);

INSERT INTO campaigns (id, results, first_measured_at, last_measured_at)
SELECT campaign, count(*), min(measured_at), max(measured_at)
FROM benchmark_results
GROUP BY campaign;

-- The figures that configurations are compared by, so that a catalogue is made without reading documents. `figures_form`
-- names the list of them: a row that another version wrote is read from its document. Eight bytes each, the lowest first.
ALTER TABLE latest_results
    ADD COLUMN launch text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN workload text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN caveats text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN figures_form bigint NOT NULL DEFAULT 0,
    ADD COLUMN figures bytea NOT NULL DEFAULT '';

-- No number of requests in flight was asked for, which is not zero of them.
ALTER TABLE benchmark_results ALTER COLUMN concurrency DROP NOT NULL;
UPDATE benchmark_results SET concurrency = NULL WHERE concurrency = 0;

-- The evidence behind each run, from its document.
CREATE VIEW run_evidence AS
SELECT
    run_id,
    measured_at,
    provenance,
    engine_version,
    document #>> '{environment,engine_command}' AS engine_command,
    document #>> '{environment,runner_version}' AS runner_version,
    document #>> '{environment,runner_revision}' AS runner_revision,
    document #>> '{environment,image_digest}' AS image_digest,
    document #>> '{environment,gpus}' AS gpus,
    document #>> '{environment,gpu_driver}' AS gpu_driver,
    document ->> 'seed' AS seed,
    document ->> 'token_source' AS token_source,
    document ->> 'flags' AS flags,
    document ->> 'raw_records' AS raw_records
FROM benchmark_results;

-- Days (UTC) with results that daily_model_stats does not know yet. Whoever stores a result marks its day; whoever
-- computes a day anew takes the mark away, in the same transaction.
CREATE TABLE stale_days (
    day date PRIMARY KEY
);

INSERT INTO stale_days (day)
SELECT DISTINCT (measured_at AT TIME ZONE 'UTC')::date
FROM benchmark_results;

-- Means and extremes of what may be ranked, of each day (UTC). A day is computed anew as a whole, so that late results
-- are in it.
CREATE TABLE daily_model_stats (
    day date NOT NULL,
    model text COLLATE "C" NOT NULL,
    quantisation text COLLATE "C" NOT NULL,
    hardware text COLLATE "C" NOT NULL,
    engine text COLLATE "C" NOT NULL,
    use_case text COLLATE "C" NOT NULL,
    provenance text COLLATE "C" NOT NULL,
    runs bigint NOT NULL,
    configurations bigint NOT NULL,
    ttft_p90_ms_mean double precision NOT NULL,
    ttft_p90_ms_min double precision NOT NULL,
    tpot_p90_ms_mean double precision,
    tpot_p90_ms_min double precision,
    output_tps_mean double precision NOT NULL,
    output_tps_max double precision NOT NULL,
    serving_usd_per_mtok_spot_mean double precision,
    serving_usd_per_mtok_spot_min double precision,
    PRIMARY KEY (day, model, quantisation, hardware, engine, use_case, provenance)
);

CREATE INDEX benchmark_results_measured ON benchmark_results USING brin (measured_at);

-- Rankings as they were published, one list for each revision of the results and each question.
CREATE TABLE model_rankings (
    revision bigint NOT NULL,
    use_case text COLLATE "C" NOT NULL,
    shape text COLLATE "C" NOT NULL,
    provenance text COLLATE "C" NOT NULL,
    place bigint NOT NULL,
    config_id text COLLATE "C" NOT NULL,
    model text COLLATE "C" NOT NULL,
    quantisation text COLLATE "C" NOT NULL,
    run_id text COLLATE "C" NOT NULL,
    score double precision NOT NULL,
    on_pareto_front boolean NOT NULL,
    probability_first double precision,
    published_at timestamptz NOT NULL,
    PRIMARY KEY (revision, use_case, shape, provenance, place)
);

-- How well each model version suits each use case by the rankings last published: its best place in any of them.
CREATE TABLE model_use_cases (
    model text COLLATE "C" NOT NULL,
    quantisation text COLLATE "C" NOT NULL,
    use_case text COLLATE "C" NOT NULL,
    provenance text COLLATE "C" NOT NULL,
    best_place bigint NOT NULL,
    best_score double precision NOT NULL,
    best_config_id text COLLATE "C" NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (model, quantisation, use_case, provenance)
);

-- What GPUs, engines and clients did during a run, about once a second, written while it goes on. What is older than 90
-- days is forgotten: by a policy where migrations/timescale applies, else by whoever publishes the catalogue.
CREATE TABLE telemetry_samples (
    run_id text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL CHECK (source IN ('gpu', 'engine', 'client')),
    device bigint NOT NULL,
    metric text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    value double precision NOT NULL,
    PRIMARY KEY (run_id, source, device, metric, at)
);

CREATE INDEX telemetry_samples_at ON telemetry_samples USING brin (at);
