-- A run on hardware that nobody saw does not replace one on hardware that was seen: of several results that may be ranked
-- the latest verified one is kept. Rows that change are read from their documents until their figures are renewed.
ALTER TABLE latest_results ADD COLUMN verified boolean NOT NULL DEFAULT true;

WITH told AS (
    SELECT
        config_id, provenance, run_id, measured_at, rankable,
        NOT coalesce((document -> 'flags')::jsonb @> '["hardware_unverified"]', false) AS verified
    FROM benchmark_results
),
best AS (
    SELECT DISTINCT ON (config_id, provenance) config_id, provenance, run_id, measured_at, rankable, verified
    FROM told
    ORDER BY config_id, provenance, rankable DESC, verified DESC, measured_at DESC, run_id DESC
)
UPDATE latest_results AS kept
SET
    run_id = best.run_id,
    measured_at = best.measured_at,
    rankable = best.rankable,
    verified = best.verified,
    figures_form = CASE kept.run_id WHEN best.run_id THEN kept.figures_form ELSE 0 END
FROM best
WHERE
    kept.config_id = best.config_id AND kept.provenance = best.provenance
    AND (kept.run_id <> best.run_id OR NOT best.verified);
