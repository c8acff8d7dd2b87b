SELECT
    use_case, shape, provenance, config_id, model, quantisation, run_id, score, on_pareto_front, probability_first
FROM model_rankings
WHERE revision = ?1
ORDER BY use_case, shape, provenance, place
