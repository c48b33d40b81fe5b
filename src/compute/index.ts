export { createCompute, type RunTask } from "./client.ts";
export { runTask } from "./run.ts";
export type { CompleteTask, ComputeAnswer, ComputeTask, Diff, DiffTask, HtmlTask } from "./task.ts";
