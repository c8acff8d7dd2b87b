SELECT count(*)
FROM timescaledb_information.hypertables
WHERE hypertable_schema = current_schema() AND hypertable_name IN ('benchmark_results', 'telemetry_samples')
