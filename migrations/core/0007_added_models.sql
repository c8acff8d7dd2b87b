-- Models that campaigns brought with them stay when those that ship with the program are written anew.
ALTER TABLE models ADD COLUMN added_at timestamptz;
