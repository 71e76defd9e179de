-- What the vendor had of rows that were looked up before they were sent. Ids and values are JSON.
CREATE TABLE lookups (
  run text NOT NULL, row bigint NOT NULL, ids text NOT NULL, shown text NOT NULL, at float8 NOT NULL,
  PRIMARY KEY (run, row)
);
