-- Which store this is, as a text that no other has: what was published from another is not this one's.
CREATE TABLE store_identity (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    identity text COLLATE "C" NOT NULL
);

INSERT INTO store_identity (identity) VALUES (replace(gen_random_uuid()::text, '-', ''));
