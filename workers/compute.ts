// workers/compute.ts: pure work that would hold up the coordinator: diffs, HTML to text, the judge of shell commands (its grammars
// take 25 ms to load), and the file index for completion.
import { type ComputeTask, runTask } from "../src/compute/index.ts";
import { type CheckRequest, type Judge, openJudge } from "../src/shell/index.ts";
import { createFileIndex, type FileIndex } from "../src/workspace/index.ts";

let index: FileIndex | undefined;
let judge: Promise<Judge> | undefined;

export default async (task: ComputeTask | ({ kind: "judge" } & CheckRequest)): Promise<unknown> => {
  switch (task.kind) {
    case "complete":
      index ??= createFileIndex({ ripgrep: task.ripgrep });
      return index.complete(task.workspace, task.query, task.limit);
    case "judge":
      judge ??= openJudge();
      return (await judge).check(task);
    default:
      return runTask(task);
  }
};
