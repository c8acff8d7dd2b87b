-- What the program knows without measuring: domain/data, written by `assay db migrate` and by nobody else. Results do not
-- refer to these tables, since a campaign may name a model of one's own.

CREATE TABLE models (
    name text COLLATE "C" PRIMARY KEY,
    -- Who runs it for others; null for weights that one runs oneself.
    provider text COLLATE "C",
    repository text,
    parameters bigint,
    active_parameters bigint,
    context_tokens bigint,
    architecture json,
    usd_per_mtok_input double precision,
    usd_per_mtok_cached_input double precision,
    usd_per_mtok_output double precision
);

CREATE TABLE model_versions (
    model text COLLATE "C" NOT NULL REFERENCES models (name),
    quantisation text COLLATE "C" NOT NULL,
    format text COLLATE "C" NOT NULL,
    repository text NOT NULL,
    PRIMARY KEY (model, quantisation)
);

-- Prices are those of the share of the smallest instance that has the GPUs; null where none is known.
CREATE TABLE hardware_configs (
    name text COLLATE "C" PRIMARY KEY,
    accelerator text COLLATE "C" NOT NULL,
    generation text COLLATE "C" NOT NULL,
    gpu_count bigint NOT NULL,
    memory_gib double precision,
    instance_type text COLLATE "C",
    usd_per_hour_on_demand double precision,
    usd_per_hour_spot double precision
);

CREATE TABLE inference_frameworks (
    engine text COLLATE "C" PRIMARY KEY,
    format text COLLATE "C",
    precisions json NOT NULL,
    parallelism json NOT NULL
);

CREATE TABLE use_case_taxonomy (
    use_case text COLLATE "C" PRIMARY KEY,
    pipeline_tags json NOT NULL,
    input_tokens_mean double precision NOT NULL,
    input_tokens_deviation double precision NOT NULL,
    output_tokens_mean double precision NOT NULL,
    output_tokens_deviation double precision NOT NULL,
    slo json NOT NULL,
    weights json NOT NULL
);

-- Where a number can come from. Results of different provenance are never compared.
CREATE TABLE provenance (
    name text COLLATE "C" PRIMARY KEY,
    meaning text NOT NULL
);

-- What instances cost, and since when. A spot price has the day it was read; a price on demand the day on which this
-- database first saw it. Rows are added and never changed.
CREATE TABLE price_history (
    instance_type text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('spot', 'on-demand')),
    since date NOT NULL,
    usd_per_hour double precision NOT NULL,
    source text NOT NULL,
    PRIMARY KEY (instance_type, region, kind, since)
);

-- Which facts they are, as a hash: one row.
CREATE TABLE known_facts (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    fingerprint text COLLATE "C" NOT NULL
);

INSERT INTO known_facts (fingerprint) VALUES ('');
