SELECT model, quantisation, use_case, provenance, best_place, best_score, best_config_id
FROM model_use_cases
ORDER BY use_case, provenance, best_place, best_score DESC, model, quantisation
