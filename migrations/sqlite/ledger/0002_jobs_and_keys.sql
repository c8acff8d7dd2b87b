-- The count is of jobs and not of claims: a job may die before it claims.
ALTER TABLE batches RENAME COLUMN fruitless_attempts TO fruitless_jobs;

-- Trials that had an outcome when a job was last interrupted.
ALTER TABLE batches ADD COLUMN outcomes_seen INTEGER NOT NULL DEFAULT 0;

-- Jobs whose interruption is counted, so that one told twice counts once.
CREATE TABLE interrupted_jobs (
    batch TEXT NOT NULL REFERENCES batches (id),
    job TEXT NOT NULL,
    PRIMARY KEY (batch, job)
) STRICT, WITHOUT ROWID;

-- What has happened and must not happen again before its key expires.
CREATE TABLE idempotency_keys (
    key TEXT PRIMARY KEY,
    expires_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);

-- Events on their way to the functions of this machine, in the order of their telling. One that is handled stays
-- for a while, so that it is not delivered again when it is told again.
CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    campaign TEXT NOT NULL,
    event TEXT NOT NULL,
    handled_at TEXT
) STRICT;

CREATE INDEX events_waiting ON events (position) WHERE handled_at IS NULL;
