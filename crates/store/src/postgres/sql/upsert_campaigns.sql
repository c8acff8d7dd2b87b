INSERT INTO campaigns (id, results, first_measured_at, last_measured_at)
SELECT *
FROM unnest($1::text[], $2::bigint[], $3::timestamptz[], $4::timestamptz[])
ON CONFLICT (id) DO UPDATE
SET
    results = campaigns.results + excluded.results,
    first_measured_at = least(campaigns.first_measured_at, excluded.first_measured_at),
    last_measured_at = greatest(campaigns.last_measured_at, excluded.last_measured_at)
