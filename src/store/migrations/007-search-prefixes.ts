// Schema 7: beginnings of words have lists of their own in the index. Without them a broad one ("con") was put together from the lists of
// all its words at each search, 104 ms over 1 GB of messages; with them no search takes more than 30 ms (bench/search-large.ts). For that
// the index takes half the size of the text instead of a third, and a fifth more time. Messages are indexed anew, in pieces, like those
// from before schema 2.
export const searchPrefixes = `
DROP TABLE search;
CREATE VIRTUAL TABLE search USING fts5(text, content = '', contentless_delete = 1, prefix = '3', tokenize = "unicode61 remove_diacritics 2");
INSERT INTO search (search, rank) VALUES ('automerge', 0);
DELETE FROM search_later;
UPDATE search_cursor SET message = 0 WHERE one = 1;
`;
