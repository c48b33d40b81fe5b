// workers/compute.ts: pure work that would hold up the coordinator: diffs, HTML to text, the judge of shell commands (its grammars
// take 25 ms to load), the file index for completion, searches in the store, and counts of tokens.
import {
  type CompactionTask,
  type ComputeTask,
  countConversation,
  planCompaction,
  roughCounter,
  runTask,
  type TokensTask,
} from "../src/compute/index.ts";
import type { Queries } from "../src/contracts/store.ts";
import { openTokenizer, type Tokenizer } from "../src/kernels/tokens.ts";
import { type CheckRequest, type Judge, openJudge } from "../src/shell/index.ts";
import { openQueries } from "../src/store/queries/queries.ts";
import { openSearch, type StoreSearch } from "../src/store/queries/search.ts";
import { ignorePlaces } from "../src/cli/paths.ts";
import { createFileIndex, type FileIndex, globalIgnoreRules } from "../src/workspace/index.ts";

let index: FileIndex | undefined;
let queries: Queries | undefined;
let tokenizer: Tokenizer | undefined;
let judge: Promise<Judge> | undefined;
let search: StoreSearch | undefined;

const globalRules = (): Promise<string> => globalIgnoreRules(ignorePlaces(process.env));

type SearchTask = { kind: "search"; database: string; query: string; limit: number };

export default async (
  task: ComputeTask | TokensTask | CompactionTask | SearchTask | ({ kind: "judge" } & CheckRequest),
): Promise<unknown> => {
  switch (task.kind) {
    case "complete":
      index ??= createFileIndex({ ripgrep: task.ripgrep, globalRules });
      return index.complete(task.workspace, task.query, task.limit);
    case "judge":
      judge ??= openJudge();
      return (await judge).check(task);
    case "search":
      search ??= openSearch(task.database);
      return search.search(task.query, task.limit);
    case "tokens":
      // 15 ms and 9 MB, so not before somebody asks; a build without a vocabulary is asked again, which costs a failing open.
      tokenizer ??= openTokenizer(task.kernels);
      if (tokenizer === undefined) return undefined;
      queries ??= openQueries(task.database);
      return countConversation(queries, tokenizer, task);
    case "compaction":
      tokenizer ??= openTokenizer(task.kernels);
      queries ??= openQueries(task.database);
      return planCompaction(queries, tokenizer ?? roughCounter, task);
    default:
      return runTask(task);
  }
};
