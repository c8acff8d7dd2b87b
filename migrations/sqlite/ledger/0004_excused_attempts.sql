-- An attempt that gave its batch back, or whose failures somebody wanted forgotten: the trials that it began and did not
-- bring to an outcome are not held against them. What ended before this was noted is excused.
ALTER TABLE attempts ADD COLUMN excused INTEGER NOT NULL DEFAULT 0;
UPDATE attempts SET excused = 1;
