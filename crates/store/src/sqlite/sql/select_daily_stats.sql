SELECT *
FROM daily_model_stats
WHERE day >= ?1
ORDER BY day, model, quantisation, hardware, engine, use_case, provenance
