// Schema 2: full-text index of messages, and long texts of parts out of their rows.
// The index keeps no text of its own (contentless), so the file grows by a third of the text and not by twice as much; what is found is
// read from `parts`. contentless_delete: a message leaves it by its key alone, without its text being told again.
export const search = `
CREATE VIRTUAL TABLE search USING fts5(text, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2");

-- Messages up to this key are in the index or in search_later. Rows from before this schema are indexed like new ones.
CREATE TABLE search_cursor (one INTEGER PRIMARY KEY CHECK (one = 1), message INTEGER NOT NULL) STRICT;
INSERT INTO search_cursor VALUES (1, 0);

-- Messages that still streamed when the cursor passed them.
CREATE TABLE search_later (message INTEGER PRIMARY KEY REFERENCES messages(key) ON DELETE CASCADE) STRICT;

CREATE TRIGGER message_gone AFTER DELETE ON messages BEGIN DELETE FROM search WHERE rowid = old.key; END;
`;
