-- A run in which the load generator was the bottleneck says nothing, and does not replace an earlier one that does.
DROP TABLE latest_results;

-- The latest result of each configuration and provenance that may be ranked, or the latest of all where none may;
-- maintained by whoever stores a result.
CREATE TABLE latest_results (
    config_id text COLLATE "C" NOT NULL,
    provenance text COLLATE "C" NOT NULL,
    run_id text COLLATE "C" NOT NULL REFERENCES runs (run_id),
    measured_at timestamptz NOT NULL,
    rankable boolean NOT NULL,
    PRIMARY KEY (config_id, provenance)
);

INSERT INTO latest_results (config_id, provenance, run_id, measured_at, rankable)
SELECT DISTINCT ON (config_id, provenance) config_id, provenance, run_id, measured_at, rankable
FROM benchmark_results
ORDER BY config_id, provenance, rankable DESC, measured_at DESC, run_id DESC;
