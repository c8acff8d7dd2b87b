-- What the time of jobs cost that led to an outcome, at the spot price.
ALTER TABLE checkpoints ADD COLUMN usd REAL;
