-- Whether a campaign's end is still to be told: its report may not be there. Those that ended before this was noted were told.
ALTER TABLE campaigns ADD COLUMN end_is_untold INTEGER NOT NULL DEFAULT 0;
