// Schema 2: full-text index of messages, and long texts of parts out of their rows.
// The index keeps no text of its own (contentless), so the file grows by a third of the text and not by twice as much; what is found is
// read from `parts`. contentless_delete: a message leaves it by its key alone, without its text being told again.
const dropUnused = (hash: string): string => `DELETE FROM blobs WHERE hash = ${hash}
  AND NOT EXISTS (SELECT 1 FROM file_versions WHERE hash = ${hash}) AND NOT EXISTS (SELECT 1 FROM parts WHERE blob = ${hash});`;

export const search = `
CREATE VIRTUAL TABLE search USING fts5(text, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2");
-- By itself it would merge its segments in the commit that fills one up, 20 ms at a time: the writer does it in small steps instead.
INSERT INTO search (search, rank) VALUES ('automerge', 0);

-- Messages up to this key are in the index or in search_later. Rows from before this schema are indexed like new ones.
CREATE TABLE search_cursor (one INTEGER PRIMARY KEY CHECK (one = 1), message INTEGER NOT NULL) STRICT;
INSERT INTO search_cursor VALUES (1, 0);

-- Messages that still streamed when the cursor passed them.
CREATE TABLE search_later (message INTEGER PRIMARY KEY REFERENCES messages(key) ON DELETE CASCADE) STRICT;

CREATE TRIGGER message_gone AFTER DELETE ON messages BEGIN DELETE FROM search WHERE rowid = old.key; END;

-- A long result: text is its beginning, blob the whole of it, chars and lines how much that is. A screen reads the row alone.
ALTER TABLE parts ADD COLUMN blob BLOB REFERENCES blobs(hash);
ALTER TABLE parts ADD COLUMN chars INTEGER;
ALTER TABLE parts ADD COLUMN lines INTEGER;
CREATE INDEX parts_by_blob ON parts(blob) WHERE blob IS NOT NULL;

-- counted: a file version, which the quota may drop. Results are the conversation and are never dropped for it.
ALTER TABLE blobs ADD COLUMN counted INTEGER NOT NULL DEFAULT 1;
DROP TRIGGER blob_added;
DROP TRIGGER blob_gone;
DROP TRIGGER file_version_gone;
CREATE TRIGGER blob_added AFTER INSERT ON blobs WHEN new.counted BEGIN UPDATE blob_total SET bytes = bytes + new.bytes WHERE one = 1; END;
CREATE TRIGGER blob_gone AFTER DELETE ON blobs WHEN old.counted BEGIN UPDATE blob_total SET bytes = bytes - old.bytes WHERE one = 1; END;
CREATE TRIGGER file_version_gone AFTER DELETE ON file_versions WHEN old.hash IS NOT NULL BEGIN ${dropUnused("old.hash")} END;
CREATE TRIGGER part_gone AFTER DELETE ON parts WHEN old.blob IS NOT NULL BEGIN ${dropUnused("old.blob")} END;
CREATE TRIGGER part_told_again AFTER UPDATE OF blob ON parts WHEN old.blob IS NOT NULL AND old.blob IS NOT new.blob
  BEGIN ${dropUnused("old.blob")} END;
`;
