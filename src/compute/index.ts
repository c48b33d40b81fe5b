export { createCompute, type RunTask } from "./client.ts";
export { runTask } from "./run.ts";
export { countConversation } from "./tokens.ts";
export type { CompleteTask, ComputeAnswer, ComputeTask, Diff, DiffTask, HtmlTask, TokensTask } from "./task.ts";
