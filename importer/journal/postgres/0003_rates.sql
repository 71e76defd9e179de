-- The rates that runs share, by target. Unlogged: what is lost is learned again.
CREATE UNLOGGED TABLE rates (target text PRIMARY KEY, document text NOT NULL);
