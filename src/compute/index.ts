export { createCompute, type RunTask } from "./client.ts";
export { runTask } from "./run.ts";
export { planCompaction } from "./compaction.ts";
export { countConversation, roughCounter } from "./tokens.ts";
export type { CompactionTask, CompleteTask, ComputeAnswer, ComputeTask, Diff, DiffTask, HtmlTask, TokensTask } from "./task.ts";
