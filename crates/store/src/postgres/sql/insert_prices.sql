INSERT INTO price_history (instance_type, region, kind, since, usd_per_hour, source)
SELECT told.*
FROM json_populate_recordset(NULL::price_history, $1::json) AS told
WHERE
    told.usd_per_hour IS DISTINCT FROM (
        SELECT known.usd_per_hour
        FROM price_history AS known
        WHERE (known.instance_type, known.region, known.kind) = (told.instance_type, told.region, told.kind)
        ORDER BY known.since DESC
        LIMIT 1
    )
ON CONFLICT (instance_type, region, kind, since) DO NOTHING
