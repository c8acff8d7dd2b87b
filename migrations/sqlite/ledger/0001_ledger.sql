-- The ledger on one machine. Instants are text in UTC with nine decimals, so that they sort as they are.

CREATE TABLE campaigns (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    request INTEGER NOT NULL,
    feasible INTEGER NOT NULL,
    infeasible INTEGER NOT NULL,
    message TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

-- `attempt` counts the claims and is the fencing token; `holder` is null when nobody has a claim.
CREATE TABLE batches (
    id TEXT PRIMARY KEY,
    campaign TEXT NOT NULL,
    position INTEGER NOT NULL,
    trials INTEGER NOT NULL,
    gpu_count INTEGER NOT NULL,
    forecast_s REAL NOT NULL,
    state TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    fruitless_attempts INTEGER NOT NULL,
    message TEXT,
    holder TEXT,
    lease_until TEXT
) STRICT;

CREATE INDEX batches_campaign ON batches (campaign, position, id);

-- Every claim there ever was, and when its holder was last heard of.
CREATE TABLE attempts (
    batch TEXT NOT NULL REFERENCES batches (id),
    attempt INTEGER NOT NULL,
    holder TEXT NOT NULL,
    claimed_at TEXT NOT NULL,
    renewed_at TEXT NOT NULL,
    PRIMARY KEY (batch, attempt)
) STRICT, WITHOUT ROWID;

-- Trials that an attempt began and brought to no outcome.
CREATE TABLE trial_starts (
    batch TEXT NOT NULL,
    run_id TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    PRIMARY KEY (batch, run_id, attempt),
    FOREIGN KEY (batch, attempt) REFERENCES attempts (batch, attempt)
) STRICT, WITHOUT ROWID;

-- The outcome of each trial that has one. `reason` is null when its result is stored.
CREATE TABLE checkpoints (
    batch TEXT NOT NULL REFERENCES batches (id),
    run_id TEXT NOT NULL,
    config_id TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('stored', 'failed')),
    reason TEXT,
    attempt INTEGER NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (batch, run_id),
    CHECK ((outcome = 'failed') = (reason IS NOT NULL))
) STRICT, WITHOUT ROWID;
