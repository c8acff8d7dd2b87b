INSERT INTO model_rankings (
    revision, published_at, use_case, shape, provenance, place, config_id, model, quantisation, run_id, score,
    on_pareto_front, probability_first
)
SELECT $1, $2, told.*
FROM unnest(
    $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[], $11::float8[],
    $12::boolean[], $13::float8[]
) AS told
