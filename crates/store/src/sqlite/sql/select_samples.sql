SELECT run_id, source, device, metric, at, value
FROM telemetry_samples
WHERE run_id = ?1
ORDER BY source, device, metric, at
