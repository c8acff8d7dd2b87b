INSERT INTO model_use_cases (
    model, quantisation, use_case, provenance, best_place, best_score, best_config_id, revision
)
SELECT model, quantisation, use_case, provenance, place, score, config_id, revision
FROM (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY model, quantisation, use_case, provenance ORDER BY place, score DESC, config_id
        ) AS nth
    FROM model_rankings
    WHERE revision = (SELECT max(revision) FROM model_rankings)
)
WHERE nth = 1
