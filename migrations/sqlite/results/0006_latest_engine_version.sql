-- The version of the engine that answered, as it told it itself, beside what configurations are compared by. All rows are
-- read from their documents until they are renewed.
ALTER TABLE latest_results ADD COLUMN engine_version TEXT;
UPDATE latest_results SET figures_form = 0;
