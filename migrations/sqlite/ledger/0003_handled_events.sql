-- Handled events are forgotten by their age.
CREATE INDEX events_handled ON events (handled_at) WHERE handled_at IS NOT NULL;
