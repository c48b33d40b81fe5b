// What is asked of the compute worker, and what it answers. Plain data: it crosses threads.

export type Diff = { patch: string; additions: number; removals: number };

export type DiffTask = { kind: "diff"; path: string; before: string; after: string };
export type HtmlTask = { kind: "html"; html: string; format: "text" | "markdown" };
/** Paths under a workspace for `@` completion. The worker keeps the index. */
export type CompleteTask = { kind: "complete"; workspace: string; ripgrep: string; query: string; limit: number };

export type ComputeTask = DiffTask | HtmlTask | CompleteTask;
export type ComputeAnswer<T extends ComputeTask> = T extends DiffTask ? Diff : T extends HtmlTask ? string : string[];
