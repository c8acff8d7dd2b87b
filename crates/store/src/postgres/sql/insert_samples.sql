INSERT INTO telemetry_samples (run_id, source, device, metric, at, value)
SELECT *
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::timestamptz[], $6::float8[])
ON CONFLICT (run_id, source, device, metric, at) DO NOTHING
