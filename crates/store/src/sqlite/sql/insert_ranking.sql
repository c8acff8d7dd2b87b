INSERT INTO model_rankings (
    revision, published_at, use_case, shape, provenance, place, config_id, model, quantisation, run_id, score,
    on_pareto_front, probability_first
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
