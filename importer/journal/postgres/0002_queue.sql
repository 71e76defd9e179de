-- The files of enqueued imports, until each is imported.
CREATE TABLE queued_files (id uuid PRIMARY KEY, name text NOT NULL, content bytea NOT NULL);
ALTER TABLE queued_files ALTER COLUMN content SET STORAGE EXTERNAL;
