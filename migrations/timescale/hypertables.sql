-- Makes the time series hypertables. It is applied by `assay db migrate` where TimescaleDB is there and preloaded, after
-- migrations/core, and may be applied again: what is done already stays as it is. Hypertables are in the Apache-2 edition.

CREATE EXTENSION IF NOT EXISTS timescaledb;

DO $$
BEGIN
    -- Our own indexes cover the time; rows that are there already are moved into chunks.
    PERFORM create_hypertable(
        'benchmark_results', by_range('measured_at', INTERVAL '30 days'),
        create_default_indexes => false, if_not_exists => true, migrate_data => true
    );
    PERFORM create_hypertable(
        'telemetry_samples', by_range('at', INTERVAL '7 days'),
        create_default_indexes => false, if_not_exists => true, migrate_data => true
    );
END
$$;
