import type { Compute, Files, ToolContext, ToolIntent, ToolResult } from "../../contracts/tool.ts";
import { placed, resolveAgain, resolveTarget, type Target } from "./target.ts";
import { failure } from "./text.ts";

/** What a call makes of a file. `before` undefined: it does not exist yet. */
export type Change = {
  before: string | undefined;
  after: string /** What the model reads, without the `<result>` around it. */;
  text: string;
  meta?: Record<string, unknown>;
};
/** A string is the reason why it cannot be done. */
export type Planned = Change | string;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of a file that may be changed: it was read, has not changed since, and is UTF-8. Undefined: there is none. */
export async function readForChange(files: Files, target: Target): Promise<{ text: string | undefined } | string> {
  const found = await files.stat(target.real);
  if (found === undefined) return { text: undefined };
  if (found.kind === "directory") return `${target.path} is a directory, not a file.`;
  if (found.kind !== "file") return `${target.path} is not a regular file.`;
  const read = files.lastRead(target.real);
  if (read === 0) return `${target.path} exists and you have not read it in this session. Read it with view before you change it.`;
  // Any other time is a change, also an earlier one: a checkout or a restored backup sets it back.
  if (Math.max(1, Math.ceil(found.mtimeMs)) !== read) {
    return `${target.path} has changed since you read it (now of ${new Date(found.mtimeMs).toISOString()}, read as of ${new Date(read).toISOString()}). View it again before you change it.`;
  }
  try {
    return { text: decoder.decode(await files.read(target.real)) };
  } catch (error) {
    if (error instanceof TypeError) return `${target.path} is not UTF-8 text and cannot be edited. Use a program through bash.`;
    throw error;
  }
}

/** The permission question of a call that changes a file: with the diff, or with the reason why it cannot be done. */
export async function changeIntent(
  doing: string,
  call: { file_path: string },
  context: ToolContext,
  plan: (target: Target) => Promise<Planned>,
): Promise<ToolIntent> {
  const target = await resolveTarget(context.files, call.file_path, call);
  const base = { action: "write" as const, title: `${doing} ${target.label}`, ...placed(target) };
  const planned = await plan(target);
  if (typeof planned === "string") return { ...base, refuse: planned };
  const { patch } = await diffOf(context.compute, target, planned);
  return { ...base, title: planned.before === undefined ? `Create ${target.label}` : base.title, diff: patch };
}

/** Plans again on what is on disk now, writes, and answers with what was done. */
export async function makeChange(
  call: { file_path: string },
  context: ToolContext,
  plan: (target: Target) => Promise<Planned>,
): Promise<ToolResult> {
  const { files, compute, signal } = context;
  const target = await resolveAgain(files, call.file_path, call);
  if (typeof target === "string") return failure(target);
  const planned = await plan(target);
  if (typeof planned === "string") return failure(planned, { path: target.real });
  const { patch, additions, removals } = await diffOf(compute, target, planned);
  signal.throwIfAborted();
  await files.write(target.real, planned.after);
  files.recordRead(target.real);
  return { text: `<result>\n${planned.text}\n</result>\n`, meta: { path: target.real, diff: patch, additions, removals, ...planned.meta } };
}

function diffOf(compute: Compute, target: Target, change: Change) {
  return compute.diff(target.label, change.before ?? "", change.after);
}
