// Schema 1. `key` columns are small integers that rows refer to each other by; `id`s are the protocol's.
// Times that a caller gives are REAL: a file's time may have fractions of a millisecond.
export const first = `
CREATE TABLE sessions (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  hash TEXT NOT NULL,
  title TEXT NOT NULL,
  workspace TEXT NOT NULL,
  parent TEXT,
  created_at REAL NOT NULL,
  updated_at REAL NOT NULL,
  model TEXT,
  yolo INTEGER NOT NULL,
  todos TEXT NOT NULL,
  head INTEGER NOT NULL,
  message_count INTEGER NOT NULL DEFAULT 0,
  context_tokens INTEGER NOT NULL DEFAULT 0,
  input INTEGER NOT NULL DEFAULT 0,
  output INTEGER NOT NULL DEFAULT 0,
  cache_read INTEGER NOT NULL DEFAULT 0,
  cache_write INTEGER NOT NULL DEFAULT 0,
  reasoning INTEGER NOT NULL DEFAULT 0,
  cost REAL NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX sessions_by_hash ON sessions(hash);
CREATE INDEX sessions_by_workspace ON sessions(workspace, updated_at);
CREATE INDEX sessions_by_time ON sessions(updated_at);

-- All that is left of a deleted session: so that its last event can be told, and its id is not used again.
CREATE TABLE tombstones (session TEXT PRIMARY KEY, seq INTEGER NOT NULL, time REAL NOT NULL) STRICT, WITHOUT ROWID;

-- What subscribers replay. kind: index into the list in events.ts. ref: key of the object, in the table that kind names.
CREATE TABLE events (
  session INTEGER NOT NULL REFERENCES sessions(key) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  ref INTEGER NOT NULL,
  time REAL NOT NULL,
  PRIMARY KEY (session, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  session INTEGER NOT NULL REFERENCES sessions(key) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  turn TEXT NOT NULL,
  role TEXT NOT NULL,
  created_at REAL NOT NULL,
  finished_at REAL,
  model TEXT,
  finish TEXT,
  usage TEXT,
  error TEXT,
  abandoned INTEGER NOT NULL DEFAULT 0,
  UNIQUE (session, position)
) STRICT;

-- text: the long field of the part. rest: its other fields as JSON.
-- own_event: a part.finished event tells of it; otherwise a replay tells it with its message.
CREATE TABLE parts (
  key INTEGER PRIMARY KEY,
  message INTEGER NOT NULL REFERENCES messages(key) ON DELETE CASCADE,
  id TEXT NOT NULL,
  idx INTEGER NOT NULL,
  kind TEXT NOT NULL,
  own_event INTEGER NOT NULL,
  text TEXT,
  rest TEXT,
  UNIQUE (message, id)
) STRICT;
CREATE INDEX parts_in_order ON parts(message, idx);

-- Text of parts that still stream; only appended to. May come before its message. Empty at rest.
CREATE TABLE part_chunks (
  session INTEGER NOT NULL REFERENCES sessions(key) ON DELETE CASCADE,
  message TEXT NOT NULL,
  part TEXT NOT NULL,
  start INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  kind TEXT NOT NULL,
  call TEXT,
  name TEXT,
  text TEXT NOT NULL,
  PRIMARY KEY (session, message, part, start)
) STRICT, WITHOUT ROWID;

CREATE TABLE turns (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  session INTEGER NOT NULL REFERENCES sessions(key) ON DELETE CASCADE,
  status TEXT NOT NULL,
  message TEXT NOT NULL,
  created_at REAL NOT NULL,
  ended_at REAL,
  completions INTEGER NOT NULL,
  reason TEXT,
  cause TEXT,
  input INTEGER NOT NULL DEFAULT 0,
  output INTEGER NOT NULL DEFAULT 0,
  cache_read INTEGER NOT NULL DEFAULT 0,
  cache_write INTEGER NOT NULL DEFAULT 0,
  reasoning INTEGER NOT NULL DEFAULT 0,
  cost REAL NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX turns_by_session ON turns(session, key);
CREATE INDEX turns_open_by_session ON turns(session, status) WHERE status = 'queued' OR status = 'running';
CREATE INDEX turns_open ON turns(status, key) WHERE status = 'queued' OR status = 'running';

CREATE TABLE permissions (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  session INTEGER NOT NULL REFERENCES sessions(key) ON DELETE CASCADE,
  state TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX permissions_by_session ON permissions(session, key);
CREATE INDEX permissions_pending_by_session ON permissions(session, key) WHERE state = 'pending';
CREATE INDEX permissions_pending ON permissions(state, key) WHERE state = 'pending';

CREATE TABLE blobs (hash BLOB PRIMARY KEY, bytes INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE blob_pieces (
  key INTEGER PRIMARY KEY,
  hash BLOB NOT NULL REFERENCES blobs(hash) ON DELETE CASCADE,
  piece INTEGER NOT NULL,
  data BLOB NOT NULL,
  UNIQUE (hash, piece)
) STRICT;
CREATE TABLE blob_total (one INTEGER PRIMARY KEY CHECK (one = 1), bytes INTEGER NOT NULL) STRICT;
INSERT INTO blob_total VALUES (1, 0);
CREATE TRIGGER blob_added AFTER INSERT ON blobs BEGIN UPDATE blob_total SET bytes = bytes + new.bytes WHERE one = 1; END;
CREATE TRIGGER blob_gone AFTER DELETE ON blobs BEGIN UPDATE blob_total SET bytes = bytes - old.bytes WHERE one = 1; END;

-- hash NULL: the file did not exist.
CREATE TABLE file_versions (
  key INTEGER PRIMARY KEY,
  session INTEGER NOT NULL REFERENCES sessions(key) ON DELETE CASCADE,
  path TEXT NOT NULL,
  turn TEXT NOT NULL,
  time REAL NOT NULL,
  mode INTEGER,
  hash BLOB REFERENCES blobs(hash),
  bytes INTEGER NOT NULL
) STRICT;
CREATE INDEX file_versions_by_path ON file_versions(session, path, key);
CREATE INDEX file_versions_by_session ON file_versions(session, key);
CREATE INDEX file_versions_by_hash ON file_versions(hash) WHERE hash IS NOT NULL;
CREATE TRIGGER file_version_gone AFTER DELETE ON file_versions WHEN old.hash IS NOT NULL BEGIN
  DELETE FROM blobs WHERE hash = old.hash AND NOT EXISTS (SELECT 1 FROM file_versions WHERE hash = old.hash);
END;

CREATE TABLE read_times (
  session INTEGER NOT NULL REFERENCES sessions(key) ON DELETE CASCADE,
  path TEXT NOT NULL,
  time REAL NOT NULL,
  PRIMARY KEY (session, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency_keys (id TEXT PRIMARY KEY, method TEXT NOT NULL, answer TEXT NOT NULL, time REAL NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_time ON idempotency_keys(time);
`;
