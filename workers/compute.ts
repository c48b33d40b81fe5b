// workers/compute.ts: pure work that would hold up the coordinator: diffs, HTML to text, the judge of shell commands (its grammars
// take 25 ms to load), the file index for completion, and searches in the store.
import { type ComputeTask, runTask } from "../src/compute/index.ts";
import { type CheckRequest, type Judge, openJudge } from "../src/shell/index.ts";
import { openSearch, type StoreSearch } from "../src/store/queries/search.ts";
import { createFileIndex, type FileIndex } from "../src/workspace/index.ts";

let index: FileIndex | undefined;
let judge: Promise<Judge> | undefined;
let search: StoreSearch | undefined;

type SearchTask = { kind: "search"; database: string; query: string; limit: number };

export default async (task: ComputeTask | SearchTask | ({ kind: "judge" } & CheckRequest)): Promise<unknown> => {
  switch (task.kind) {
    case "complete":
      index ??= createFileIndex({ ripgrep: task.ripgrep });
      return index.complete(task.workspace, task.query, task.limit);
    case "judge":
      judge ??= openJudge();
      return (await judge).check(task);
    case "search":
      search ??= openSearch(task.database);
      return search.search(task.query, task.limit);
    default:
      return runTask(task);
  }
};
