-- Seconds of the machine that led to an outcome.
ALTER TABLE checkpoints ADD COLUMN machine_s REAL;
