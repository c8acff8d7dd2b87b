-- What a batch's job needs to be there: the hardware config and the engine. NULL of batches that were added before; an
-- engine that is NULL beside hardware is none, as hosted models need.
ALTER TABLE batches ADD COLUMN hardware TEXT;
ALTER TABLE batches ADD COLUMN engine TEXT;
