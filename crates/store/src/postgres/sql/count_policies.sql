SELECT count(*)
FROM timescaledb_information.jobs
WHERE
    hypertable_schema = current_schema()
    AND (hypertable_name, proc_name) IN (
        ('benchmark_results', 'policy_compression'),
        ('telemetry_samples', 'policy_compression'),
        ('telemetry_samples', 'policy_retention')
    )
