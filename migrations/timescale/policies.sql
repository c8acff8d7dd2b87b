-- Compresses chunks older than 7 days and forgets raw series after 90 days; results stay for ever. Applied after
-- hypertables.sql where the licence is that of the community edition, which policies and the columnstore need.
--
-- Both settings are named: left to itself, TimescaleDB may segment by an id that has a handful of rows in a chunk, which
-- makes a chunk larger than it was.

DO $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM timescaledb_information.jobs
        WHERE hypertable_name = 'benchmark_results' AND proc_name = 'policy_compression'
    ) THEN
        ALTER TABLE benchmark_results SET (
            timescaledb.enable_columnstore, timescaledb.segmentby = '',
            timescaledb.orderby = 'config_id, measured_at DESC, run_id'
        );
        CALL add_columnstore_policy('benchmark_results', after => INTERVAL '7 days');
    END IF;
    IF NOT EXISTS (
        SELECT FROM timescaledb_information.jobs
        WHERE hypertable_name = 'telemetry_samples' AND proc_name = 'policy_compression'
    ) THEN
        ALTER TABLE telemetry_samples SET (
            timescaledb.enable_columnstore, timescaledb.segmentby = '',
            timescaledb.orderby = 'run_id, source, device, metric, at'
        );
        CALL add_columnstore_policy('telemetry_samples', after => INTERVAL '7 days');
    END IF;
    PERFORM add_retention_policy('telemetry_samples', drop_after => INTERVAL '90 days', if_not_exists => true);
END
$$;
