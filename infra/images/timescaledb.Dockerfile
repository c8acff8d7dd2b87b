# PostgreSQL for CloudNativePG with the community edition of TimescaleDB, which compression and retention need; none of
# CloudNativePG's own images has it. Its licence (TSL) allows to run it for oneself, and not to sell it as a database.
FROM ghcr.io/cloudnative-pg/postgresql:17.6-standard-bookworm
USER root
ARG TIMESCALEDB=2.28.3
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl gnupg \
    && curl -fsSL https://packagecloud.io/timescale/timescaledb/gpgkey | gpg --dearmor -o /usr/share/keyrings/timescaledb.gpg \
    && echo "deb [signed-by=/usr/share/keyrings/timescaledb.gpg] https://packagecloud.io/timescale/timescaledb/debian/ bookworm main" \
       > /etc/apt/sources.list.d/timescaledb.list \
    && apt-get update \
    && apt-get install -y --no-install-recommends \
       "timescaledb-2-postgresql-17=${TIMESCALEDB}~debian12*" "timescaledb-2-loader-postgresql-17=${TIMESCALEDB}~debian12*" \
    && apt-get purge -y --auto-remove curl gnupg && rm -rf /var/lib/apt/lists/*
# The user of CloudNativePG's images.
USER 26
HEALTHCHECK NONE
