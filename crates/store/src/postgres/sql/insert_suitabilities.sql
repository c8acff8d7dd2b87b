INSERT INTO model_use_cases (
    model, quantisation, use_case, provenance, best_place, best_score, best_config_id, revision
)
SELECT DISTINCT ON (model, quantisation, use_case, provenance)
    model, quantisation, use_case, provenance, place, score, config_id, revision
FROM model_rankings
WHERE revision = (SELECT max(revision) FROM model_rankings)
ORDER BY model, quantisation, use_case, provenance, place, score DESC, config_id
