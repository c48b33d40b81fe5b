import { queryCharsMax, type SearchHit } from "../../protocol/index.ts";
import { openForReading } from "../connection.ts";
import { toStoreError } from "../errors.ts";
import { searchMessageCharsMax } from "../limits.ts";
import { snippetOf } from "../search/snippet.ts";
import { type SearchPartRow, searchableTexts } from "../search/text.ts";
import { matchOf, termsOf } from "../search/words.ts";
import { Statements } from "../statements.ts";
import { readSql } from "./read-sql.ts";

/** `complete` false: messages wait to be indexed (the newest for some hundred ms, those of an older database for longer). */
export type SearchAnswer = { hits: SearchHit[]; complete: boolean };

export interface StoreSearch {
  /**
   * Messages that hold all words of `query`, newest first, at most `limit`. No query is an error: signs are ignored, one without words
   * finds nothing. Cost: that of the rarest word's list, and the texts of the hits. Not for the main thread.
   * @throws StoreError `corrupt`, `io`, `closed`
   */
  search(query: string, limit: number): SearchAnswer;
  close(): void;
}

type HitRow = {
  key: number;
  message: string;
  seq: number;
  role: SearchHit["role"];
  created_at: number;
  session: string;
  hash: string;
  title: string;
  workspace: string;
};

/**
 * A reading connection for searches, of the caller's thread.
 * @throws StoreError `version`, `corrupt`, `io`
 */
export function openSearch(path: string): StoreSearch {
  const db = openForReading(path);
  const sql = new Statements(db, readSql, path);

  const find = (query: string, limit: number): SearchAnswer => {
    const complete = sql.get("searchWaits") === undefined;
    const terms = termsOf(query.slice(0, queryCharsMax));
    if (terms.length === 0) return { hits: [], complete };
    const rows = sql.all<HitRow>("search", matchOf(terms), limit);
    const hits = rows.map(({ key, created_at, ...row }): SearchHit => {
      const texts = searchableTexts(sql.all<SearchPartRow>("searchParts", searchMessageCharsMax, key));
      return { ...row, createdAt: created_at, snippet: snippetOf(texts, terms) };
    });
    return { hits, complete };
  };

  return {
    search(query, limit) {
      try {
        return db.transaction(find)(query, limit);
      } catch (error) {
        throw toStoreError(error, path);
      }
    },
    close: () => db.close(),
  };
}
