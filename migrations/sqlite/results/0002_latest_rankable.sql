-- A run in which the load generator was the bottleneck says nothing, and does not replace an earlier one that does.
DROP TABLE latest_results;

-- The latest result of each configuration and provenance that may be ranked, or the latest of all where none may;
-- maintained by whoever stores a result.
CREATE TABLE latest_results (
    config_id TEXT NOT NULL,
    provenance TEXT NOT NULL,
    run_id TEXT NOT NULL REFERENCES runs (run_id),
    measured_at TEXT NOT NULL,
    rankable INTEGER NOT NULL,
    PRIMARY KEY (config_id, provenance)
) STRICT, WITHOUT ROWID;

INSERT INTO latest_results (config_id, provenance, run_id, measured_at, rankable)
SELECT config_id, provenance, run_id, measured_at, rankable
FROM (
    SELECT
        config_id, provenance, run_id, measured_at, rankable,
        row_number() OVER (
            PARTITION BY config_id, provenance ORDER BY rankable DESC, measured_at DESC, run_id DESC
        ) AS place
    FROM benchmark_results
)
WHERE place = 1;
