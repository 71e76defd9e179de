-- The journal: runs, deliveries, and the files of runs. Times are Unix seconds by the server's clock, but for sent_at.
CREATE TABLE meta (
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  id uuid NOT NULL DEFAULT gen_random_uuid(),  -- state folders remember it: a database made anew knows of nothing
  version integer NOT NULL,
  oldest_program integer NOT NULL DEFAULT 1,  -- the oldest version whose programs may go on using these tables
  key_check bytea NOT NULL  -- the digest of a constant: programs with another key would find nothing known
);
CREATE TABLE accounts (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  target text NOT NULL, operation text NOT NULL,
  UNIQUE (target, operation)
);
CREATE TABLE runs (
  id text PRIMARY KEY,
  file_name text NOT NULL, file_sha256 text NOT NULL,
  vendor text NOT NULL, operation text NOT NULL, target text NOT NULL, contract text NOT NULL,
  output text NOT NULL, options jsonb NOT NULL,
  state text NOT NULL, row_count bigint NOT NULL, counts jsonb NOT NULL,
  host text NOT NULL, pid integer NOT NULL,
  started float8 NOT NULL, heartbeat float8 NOT NULL, ended float8
);
CREATE INDEX runs_by_file ON runs (file_sha256);
CREATE INDEX runs_by_target ON runs (target);
CREATE INDEX runs_by_origin ON runs ((options ->> 'origin'));
CREATE INDEX runs_running ON runs (state) WHERE state = 'running';
CREATE TABLE deliveries (
  account integer NOT NULL, occurrence integer NOT NULL, row bigint NOT NULL, attempts integer NOT NULL,
  http_status integer,
  first_intended_at float8 NOT NULL, intended_at float8 NOT NULL, sent_at float8, settled_at float8, looked_at float8,
  fingerprint bytea NOT NULL, identity bytea, token uuid,
  state text NOT NULL, run text NOT NULL, first_run text,
  vendor_id text, code text, message text, detail text, notices text, lookup_message text,
  PRIMARY KEY (account, fingerprint, occurrence)
) WITH (fillfactor = 80);
CREATE INDEX deliveries_by_identity ON deliveries (identity, account) WHERE identity IS NOT NULL;
CREATE INDEX deliveries_by_run ON deliveries (run, row);
CREATE TABLE run_files (
  run text NOT NULL, name text NOT NULL, content bytea NOT NULL,
  PRIMARY KEY (run, name)
);
ALTER TABLE run_files ALTER COLUMN content SET STORAGE EXTERNAL;  -- Parquet is compressed already

CREATE FUNCTION seconds_now() RETURNS float8 LANGUAGE sql VOLATILE
  AS $$ SELECT extract(epoch FROM clock_timestamp())::float8 $$;

-- Settles, then grants what nothing stands in the way of; returns the ordinals (from 1) of the claims granted.
-- One round trip. The statements are separate on purpose: each sees what was committed while the one before it waited.
CREATE FUNCTION write_batch(
  in_account integer, in_run text, in_token uuid, in_repeatable boolean, in_origin text, in_sha256 text,
  settled jsonb, status_lines jsonb,
  lock_keys bigint[], c_fingerprint bytea[], c_occurrence integer[], c_identity bytea[], c_row bigint[], c_row_of_origin boolean[]
) RETURNS integer[] LANGUAGE plpgsql
AS $$
-- A plan is made while the table is small, and kept while it grows. A join would be planned as a scan of all that an
-- account has, so rows are looked for one by one: by a loop, or by a subquery that OFFSET 0 keeps from becoming a join.
DECLARE
  s record;
  granted integer[];
  origin_runs text[] := '{}';
BEGIN
  IF settled IS NOT NULL THEN
    -- A claim of this process: its late answer counts, unless somebody else has claimed the delivery since.
    FOR s IN SELECT * FROM jsonb_to_recordset(settled) AS r(
      fingerprint text, occurrence integer, token uuid, state text, vendor_id text, http_status integer,
      attempts integer, code text, message text, sent_at float8, detail text, notices text, lookup_message text)
      WHERE r.token IS NOT NULL ORDER BY r.fingerprint, r.occurrence
    LOOP
      UPDATE deliveries AS d SET
        state = s.state, vendor_id = s.vendor_id, http_status = s.http_status, attempts = s.attempts, code = s.code,
        message = s.message, sent_at = s.sent_at, detail = s.detail, notices = s.notices,
        lookup_message = s.lookup_message, settled_at = seconds_now()
      WHERE d.account = in_account AND d.fingerprint = decode(s.fingerprint, 'hex') AND d.occurrence = s.occurrence
        AND d.token = s.token AND (d.state IN ('intended', 'uncertain') OR s.state = 'confirmed');
    END LOOP;
    -- A verdict on what this process has not claimed.
    INSERT INTO deliveries AS d (account, fingerprint, occurrence, identity, run, row, first_intended_at, intended_at,
      state, vendor_id, http_status, attempts, code, message, sent_at, detail, notices, lookup_message, settled_at)
    SELECT in_account, decode(v.fingerprint, 'hex'), v.occurrence, decode(v.identity, 'hex'), in_run, v.row, 0, 0,
      v.state, v.vendor_id, v.http_status, v.attempts, v.code, v.message, v.sent_at, v.detail, v.notices,
      v.lookup_message, seconds_now()
    FROM jsonb_to_recordset(settled) AS v(
      fingerprint text, occurrence integer, identity text, row bigint, token uuid, state text, vendor_id text,
      http_status integer, attempts integer, code text, message text, sent_at float8, detail text, notices text,
      lookup_message text)
    WHERE v.token IS NULL ORDER BY v.fingerprint, v.occurrence
    ON CONFLICT (account, fingerprint, occurrence) DO UPDATE SET
      state = excluded.state, vendor_id = excluded.vendor_id, http_status = excluded.http_status,
      attempts = excluded.attempts, code = excluded.code, message = excluded.message, sent_at = excluded.sent_at,
      detail = excluded.detail, notices = excluded.notices, lookup_message = excluded.lookup_message,
      settled_at = excluded.settled_at;
  END IF;
  IF status_lines IS NOT NULL THEN
    FOR s IN SELECT * FROM jsonb_to_recordset(status_lines) AS r(
      fingerprint text, occurrence integer, token uuid, http_status integer, sent_at float8)
      ORDER BY r.fingerprint, r.occurrence
    LOOP
      UPDATE deliveries AS d SET http_status = s.http_status, sent_at = s.sent_at
      WHERE d.account = in_account AND d.fingerprint = decode(s.fingerprint, 'hex') AND d.occurrence = s.occurrence
        AND d.state = 'intended' AND (s.token IS NULL OR d.token = s.token);
    END LOOP;
  END IF;
  IF cardinality(c_row) = 0 THEN
    RETURN '{}';
  END IF;
  -- Sorted, so that two of these never wait for each other.
  PERFORM pg_advisory_xact_lock(key) FROM unnest(lock_keys) AS key;
  IF in_origin <> '' AND NOT in_repeatable THEN
    origin_runs := ARRAY(
      SELECT id FROM runs WHERE options ->> 'origin' = in_origin AND id <> in_run AND file_sha256 <> in_sha256);
  END IF;
  WITH wanted AS (
    SELECT *, count(*) OVER (PARTITION BY fingerprint) AS twins
    FROM unnest(c_fingerprint, c_occurrence, c_identity, c_row, c_row_of_origin)
      WITH ORDINALITY AS w(fingerprint, occurrence, identity, row, is_row_of_origin, ordinal)
  ), clear AS (
    SELECT w.* FROM wanted AS w
    WHERE NOT EXISTS (SELECT FROM deliveries AS d WHERE d.account = in_account AND d.fingerprint = w.fingerprint OFFSET 0)
      AND (in_repeatable OR w.identity IS NULL OR NOT EXISTS (
        SELECT FROM deliveries AS d
        WHERE d.identity = w.identity AND d.account = in_account AND d.run <> in_run OFFSET 0))
      AND NOT (w.is_row_of_origin AND EXISTS (
        SELECT FROM deliveries AS d WHERE d.run = ANY(origin_runs) AND d.row = w.row OFFSET 0))
      AND w.twins = 1
  ), made AS (
    INSERT INTO deliveries (account, fingerprint, occurrence, identity, token, state, run, row, attempts,
      first_intended_at, intended_at)
    SELECT in_account, fingerprint, occurrence, identity, in_token, 'intended', in_run, row, 0, seconds_now(),
      seconds_now()
    FROM clear ORDER BY fingerprint, occurrence
    ON CONFLICT DO NOTHING RETURNING fingerprint, occurrence
  )
  SELECT array_agg(c.ordinal::integer) INTO granted
  FROM clear AS c JOIN made AS m ON m.fingerprint = c.fingerprint AND m.occurrence = c.occurrence;
  RETURN coalesce(granted, '{}');
END $$;
