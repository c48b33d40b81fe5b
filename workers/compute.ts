// workers/compute.ts: pure work that would hold up the coordinator (diffs, HTML to text) and the file index for completion.
import { type ComputeTask, runTask } from "../src/compute/index.ts";
import { createFileIndex, type FileIndex } from "../src/workspace/index.ts";

let index: FileIndex | undefined;

export default async (task: ComputeTask): Promise<unknown> => {
  if (task.kind !== "complete") return runTask(task);
  index ??= createFileIndex({ ripgrep: task.ripgrep });
  return index.complete(task.workspace, task.query, task.limit);
};
