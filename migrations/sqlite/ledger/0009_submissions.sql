-- How often a batch became submitted, since this is counted.
ALTER TABLE batches ADD COLUMN submissions INTEGER NOT NULL DEFAULT 0;
