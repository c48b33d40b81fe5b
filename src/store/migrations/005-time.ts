// Schema 5: turns that were undone, what each write made of a file, and the journal of undos.
// Hashes of file_writes and undo_files are no references: the quota may drop a content, and then the undo says so.
export const time = `
ALTER TABLE turns ADD COLUMN undone INTEGER NOT NULL DEFAULT 0;

-- before_hash, after_hash NULL: no file. covered 0: nothing is kept of what was before.
CREATE TABLE file_writes (
  key INTEGER PRIMARY KEY,
  session INTEGER NOT NULL REFERENCES sessions(key) ON DELETE CASCADE,
  turn TEXT NOT NULL,
  path TEXT NOT NULL,
  before_hash BLOB,
  after_hash BLOB,
  mode INTEGER,
  made TEXT,
  covered INTEGER NOT NULL
) STRICT;
CREATE INDEX file_writes_by_turn ON file_writes(turn, key);
CREATE INDEX file_writes_by_session ON file_writes(session);

-- state: open (files are being put), done, redone (taken back by a redo).
CREATE TABLE undos (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  session INTEGER NOT NULL REFERENCES sessions(key) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  of TEXT,
  state TEXT NOT NULL,
  turns TEXT NOT NULL,
  last TEXT NOT NULL,
  time REAL NOT NULL
) STRICT;
CREATE INDEX undos_open ON undos(state, key) WHERE state = 'open';
CREATE INDEX undos_by_session ON undos(session, key);

CREATE TABLE undo_files (
  undo INTEGER NOT NULL REFERENCES undos(key) ON DELETE CASCADE,
  path TEXT NOT NULL,
  from_hash BLOB,
  from_mode INTEGER,
  to_hash BLOB,
  to_mode INTEGER,
  made TEXT,
  PRIMARY KEY (undo, path)
) STRICT, WITHOUT ROWID;
`;
