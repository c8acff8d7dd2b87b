-- What the program knows without measuring: domain/data, written by whoever opens the file and knows something else.
-- Results do not refer to these tables, since a campaign may name a model of one's own.

CREATE TABLE models (
    name TEXT PRIMARY KEY,
    -- Who runs it for others; null for weights that one runs oneself.
    provider TEXT,
    repository TEXT,
    parameters INTEGER,
    active_parameters INTEGER,
    context_tokens INTEGER,
    architecture TEXT,
    usd_per_mtok_input REAL,
    usd_per_mtok_cached_input REAL,
    usd_per_mtok_output REAL
) STRICT;

CREATE TABLE model_versions (
    model TEXT NOT NULL REFERENCES models (name),
    quantisation TEXT NOT NULL,
    format TEXT NOT NULL,
    repository TEXT NOT NULL,
    PRIMARY KEY (model, quantisation)
) STRICT;

-- Prices are those of the share of the smallest instance that has the GPUs; null where none is known.
CREATE TABLE hardware_configs (
    name TEXT PRIMARY KEY,
    accelerator TEXT NOT NULL,
    generation TEXT NOT NULL,
    gpu_count INTEGER NOT NULL,
    memory_gib REAL,
    instance_type TEXT,
    usd_per_hour_on_demand REAL,
    usd_per_hour_spot REAL
) STRICT;

CREATE TABLE inference_frameworks (
    engine TEXT PRIMARY KEY,
    format TEXT,
    precisions TEXT NOT NULL,
    parallelism TEXT NOT NULL
) STRICT;

CREATE TABLE use_case_taxonomy (
    use_case TEXT PRIMARY KEY,
    pipeline_tags TEXT NOT NULL,
    input_tokens_mean REAL NOT NULL,
    input_tokens_deviation REAL NOT NULL,
    output_tokens_mean REAL NOT NULL,
    output_tokens_deviation REAL NOT NULL,
    slo TEXT NOT NULL,
    weights TEXT NOT NULL
) STRICT;

-- Where a number can come from. Results of different provenance are never compared.
CREATE TABLE provenance (
    name TEXT PRIMARY KEY,
    meaning TEXT NOT NULL
) STRICT;

-- What instances cost, and since when. A spot price has the day it was read; a price on demand the day on which this
-- database first saw it. Rows are added and never changed.
CREATE TABLE price_history (
    instance_type TEXT NOT NULL,
    region TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('spot', 'on-demand')),
    since TEXT NOT NULL,
    usd_per_hour REAL NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (instance_type, region, kind, since)
) STRICT;

-- Which facts they are, as a hash: one row.
CREATE TABLE known_facts (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    fingerprint TEXT NOT NULL
) STRICT;

INSERT INTO known_facts (only_row, fingerprint) VALUES (1, '');
