INSERT INTO runs (run_id, campaign, config_id, trial, batch, attempt)
SELECT *
FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::bigint[])
ON CONFLICT (run_id) DO NOTHING
RETURNING run_id
