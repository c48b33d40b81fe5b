import type { ContentHash, TimeQueries } from "../../contracts/time.ts";
import type { TimeFile } from "../../protocol/index.ts";
import type { Present } from "../../workspace/put-back.ts";
import type { TimeParts } from "../options.ts";
import type { Step } from "./plan.ts";

/** A step, what it found, and what a person is told of it. `content`: what will be put; undefined: the file goes. */
export type Judged = { step: Step; present: Present; content: Uint8Array | undefined; told: TimeFile };

/** A diff of larger texts is not shown: the dialog would be all of it. */
const diffedBytesMax = 256 << 10;
const shownDiffCharsMax = 64_000;
/** A NUL byte this early means that it is no text. */
const sniffedBytes = 8 << 10;

/** undefined: it is neither a plain file nor none. */
export const hashOf = (present: Present): ContentHash | undefined =>
  present.kind === "none" ? null : present.kind === "file" ? present.hash : undefined;

const changeOf = (present: Present, target: ContentHash): TimeFile["change"] =>
  hashOf(present) === target ? "none" : target === null ? "remove" : present.kind === "none" ? "create" : "put";

/** Whether the step may be done, and what it would change. */
export async function judge(step: Step, present: Present, forced: boolean, parts: TimeParts): Promise<Judged> {
  const change = changeOf(present, step.target);
  const told: TimeFile = { path: step.path, change, state: "ready", additions: 0, removals: 0 };
  const judged = (more: Partial<TimeFile>, content?: Uint8Array): Judged => ({ step, present, content, told: { ...told, ...more } });
  if (step.uncovered) return judged({ state: "lost", why: "it is too big for a version to be kept" });
  if (change === "none") return judged({});
  const content = contentOf(step.target, parts.queries);
  if (content === "gone") return judged({ state: "lost", why: "its earlier version had to make room for newer ones" });
  const stat = await statOf(present, content, step.path, parts);
  const conflict = present.kind === "other" ? present.why : conflictOf(step, present);
  // What is no plain file cannot be kept, so it is not replaced either, whoever asks.
  if (conflict !== undefined && (!forced || present.kind === "other"))
    return judged({ ...stat, state: "conflict", why: conflict }, content);
  return judged(stat, content);
}

function conflictOf({ expected }: Step, present: Present): string | undefined {
  if (expected === undefined) return "something else has written it between the agent's writes";
  if (hashOf(present) === expected) return undefined;
  return present.kind === "none" ? "it was removed since" : expected === null ? "it was made again since" : "it was changed since";
}

function contentOf(hash: ContentHash, queries: TimeQueries): Uint8Array | undefined | "gone" {
  return hash === null ? undefined : (queries.content(hash) ?? "gone");
}

async function statOf(
  present: Present,
  content: Uint8Array | undefined,
  path: string,
  parts: TimeParts,
): Promise<Pick<TimeFile, "additions" | "removals" | "diff">> {
  const before = present.kind === "file" ? present.content : new Uint8Array();
  const after = content ?? new Uint8Array();
  if (Math.max(before.byteLength, after.byteLength) > diffedBytesMax || [before, after].some(isBinary))
    return { additions: 0, removals: 0 };
  const { additions, removals, patch } = await parts.diff(path, Buffer.from(before).toString(), Buffer.from(after).toString());
  return { additions, removals, ...(patch.length <= shownDiffCharsMax && { diff: patch }) };
}

const isBinary = (content: Uint8Array): boolean => content.subarray(0, sniffedBytes).includes(0);
