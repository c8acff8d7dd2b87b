INSERT INTO campaigns (id, results, first_measured_at, last_measured_at)
VALUES (?1, 1, ?2, ?2)
ON CONFLICT (id) DO UPDATE
SET
    results = results + 1,
    first_measured_at = min(first_measured_at, excluded.first_measured_at),
    last_measured_at = max(last_measured_at, excluded.last_measured_at)
