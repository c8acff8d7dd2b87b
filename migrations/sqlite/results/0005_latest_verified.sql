-- A run on hardware that nobody saw does not replace one on hardware that was seen: of several results that may be ranked
-- the latest verified one is kept. Rows that change are read from their documents until their figures are renewed.
ALTER TABLE latest_results ADD COLUMN verified INTEGER NOT NULL DEFAULT 1;

WITH told AS (
    SELECT
        config_id, provenance, run_id, measured_at, rankable,
        NOT EXISTS (
            SELECT 1 FROM json_each(document, '$.flags') WHERE value = 'hardware_unverified'
        ) AS verified
    FROM benchmark_results
),
placed AS (
    SELECT
        config_id, provenance, run_id, measured_at, rankable, verified,
        row_number() OVER (
            PARTITION BY config_id, provenance
            ORDER BY rankable DESC, verified DESC, measured_at DESC, run_id DESC
        ) AS place
    FROM told
)
UPDATE latest_results AS kept
SET
    run_id = best.run_id,
    measured_at = best.measured_at,
    rankable = best.rankable,
    verified = best.verified,
    figures_form = CASE kept.run_id WHEN best.run_id THEN kept.figures_form ELSE 0 END
FROM placed AS best
WHERE
    best.place = 1 AND kept.config_id = best.config_id AND kept.provenance = best.provenance
    AND (kept.run_id <> best.run_id OR NOT best.verified);
