INSERT INTO price_history (instance_type, region, kind, since, usd_per_hour, source)
SELECT ?1, ?2, ?3, ?4, ?5, ?6
WHERE
    ?5 IS NOT (
        SELECT usd_per_hour
        FROM price_history
        WHERE instance_type = ?1 AND region = ?2 AND kind = ?3
        ORDER BY since DESC
        LIMIT 1
    )
ON CONFLICT (instance_type, region, kind, since) DO NOTHING
