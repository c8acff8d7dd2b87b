INSERT INTO launches (id, description)
SELECT id, description::json
FROM unnest($1::text[], $2::text[]) AS told (id, description)
ON CONFLICT (id) DO NOTHING
