-- Which store this is, as a text that no other has: what was published from another is not this one's.
CREATE TABLE store_identity (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    identity TEXT NOT NULL
) STRICT;

INSERT INTO store_identity (only_row, identity) VALUES (1, lower(hex(randomblob(16))));
