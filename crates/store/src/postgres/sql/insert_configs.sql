INSERT INTO benchmark_configs (
    config_id, model, quantisation, hardware, engine, use_case, label, launch, workload
)
SELECT *
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[]
)
ON CONFLICT (config_id) DO NOTHING
RETURNING config_id
