// What is asked of the compute worker, and what it answers. Plain data: it crosses threads.

import type { CompactionRequest } from "../contracts/compaction.ts";
import type { TokensRequest } from "../contracts/tokens.ts";

export type Diff = { patch: string; additions: number; removals: number };

export type DiffTask = { kind: "diff"; path: string; before: string; after: string };
export type HtmlTask = { kind: "html"; html: string; format: "text" | "markdown" };
/** Paths under a workspace for `@` completion. The worker keeps the index. */
export type CompleteTask = { kind: "complete"; workspace: string; ripgrep: string; query: string; limit: number };

/** Tokens of a conversation in the database at `database`, with the table in `kernels`. */
export type TokensTask = { kind: "tokens"; database: string; kernels: string } & TokensRequest;

/** Plans a compaction of a conversation in the database. */
export type CompactionTask = { kind: "compaction"; database: string; kernels: string } & CompactionRequest;

export type ComputeTask = DiffTask | HtmlTask | CompleteTask;
export type ComputeAnswer<T extends ComputeTask> = T extends DiffTask ? Diff : T extends HtmlTask ? string : string[];
