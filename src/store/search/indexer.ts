// Takes messages that are finished into the full-text index, a bounded piece at a time. Runs on the writing connection, between batches:
// tokenizing costs about 50 us a KB, which no acknowledgement should wait for (measured: bench/store.ts).
import { searchMergePages, searchMessageCharsMax, searchPieceChars, searchPieceMessages } from "../limits.ts";
import type { Statements } from "../statements.ts";
import type { WriteName } from "../write-sql.ts";
import { type SearchPartRow, searchableTexts } from "./text.ts";
import { spaced } from "./words.ts";

type Due = { key: number; open: number };

const dueMessages = (sql: Statements<WriteName>): { late: Due[]; fresh: Due[] } => ({
  late: sql.all<Due>("searchLateFinished", searchPieceMessages),
  fresh: sql.all<Due>("searchNext", sql.get<{ message: number }>("searchCursor")!.message, searchPieceMessages),
});

/**
 * Brings the index on: `step` indexes the next messages, or merges a little of what earlier steps have added, until neither is left.
 * Each in one transaction, messages with their cursor, so that whatever happens each is in the index once.
 */
export class Indexer {
  readonly #sql: Statements<WriteName>;
  /** Segments may wait to be merged. Without it (after a restart) the next messages bring it up. */
  #merging = false;

  constructor(sql: Statements<WriteName>) {
    this.#sql = sql;
  }

  /** Messages have left the index: what they took is merged away. */
  tidy(): void {
    this.#merging = true;
  }

  /**
   * Nothing to do costs three look-ups and no transaction.
   * @returns true when more may wait
   * @throws StoreError; the transaction is the caller's to roll back
   */
  step(): boolean {
    if (this.#merging) {
      this.#merging = merge(this.#sql);
      return true;
    }
    this.#merging = indexNext(this.#sql);
    return this.#merging;
  }
}

/** @returns false when there was nothing to merge */
function merge(sql: Statements<WriteName>): boolean {
  const changes = (): number => sql.get<{ count: number }>("totalChanges")!.count;
  const before = changes();
  sql.run("searchMerge", searchMergePages);
  return changes() - before >= 2; // FTS5's word for "something was done": the statement itself counts as one
}

/** @returns false when there was nothing to index */
function indexNext(sql: Statements<WriteName>): boolean {
  const { late, fresh } = dueMessages(sql);
  if (late.length === 0 && fresh.length === 0) return false;
  sql.run("begin");
  const due = dueMessages(sql); // again: another process may have been faster
  let left = searchPieceChars;
  for (const { key } of due.late) {
    if (left <= 0) break;
    left -= add(sql, key);
    sql.run("searchDropLate", key);
  }
  let cursor: number | undefined;
  for (const { key, open } of due.fresh) {
    if (left <= 0) break;
    if (open) sql.run("searchPutLate", key);
    else left -= add(sql, key);
    cursor = key;
  }
  if (cursor !== undefined) sql.run("searchMoveCursor", cursor);
  sql.run("commit");
  return true;
}

function add(sql: Statements<WriteName>, message: number): number {
  const texts = searchableTexts(sql.all<SearchPartRow>("searchParts", searchMessageCharsMax, message));
  if (texts.length === 0) return 0;
  const text = spaced(texts.join("\n"));
  sql.run("searchAdd", message, text);
  return text.length;
}
