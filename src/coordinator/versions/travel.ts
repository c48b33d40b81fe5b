// Undo and redo: look, say what would happen, and do it. In the order journal (with all contents), files, messages, journal closed; a
// server that dies in between finishes when it starts again (recover.ts).
import { randomUUID } from "node:crypto";
import type { FileVersion } from "../../contracts/store.ts";
import type { FileState, UndoRecord } from "../../contracts/time.ts";
import { CommandError, type TimeFile, type TimeResult, type Turn } from "../../protocol/index.ts";
import { requireIdle } from "../commands/require-idle.ts";
import { requireOpen } from "../commands/require-open.ts";
import type { Core } from "../core.ts";
import type { TimeParts } from "../options.ts";
import type { OpenSession } from "../registry/sessions.ts";
import { sessionUpdate } from "../registry/update.ts";
import { type Judged, judge } from "./judge.ts";
import { lacks } from "./lacks.ts";
import { redoSteps, type Step, undoSteps } from "./plan.ts";
import { toldOf } from "./told.ts";

/** What is asked for: turns that are undone (oldest first), or an undo that is taken back. */
export type Journey = { kind: "undo"; turns: Turn[]; prompt?: string } | { kind: "redo"; turns: Turn[]; undo: UndoRecord };
export type Wish = { preview?: boolean; force?: string[] };

/** @throws CommandError forbidden where no versions are kept */
export function timeParts(core: Core): TimeParts {
  if (core.options.time === undefined)
    throw new CommandError("forbidden", "This server keeps no versions of files, so nothing can be undone");
  return core.options.time;
}

/**
 * Does a journey, or tells what it would do. No turn begins meanwhile: prompts wait in the queue.
 * @throws CommandError conflict while a turn runs; what the store and the file system throw
 */
export async function travel(core: Core, entry: OpenSession, find: () => Journey, wish: Wish): Promise<TimeResult> {
  const parts = timeParts(core);
  if (wish.preview) return look(find(), wish, parts).then(({ result }) => result);
  requireOpen(core);
  requireIdle(entry);
  const release = entry.turns.hold();
  try {
    const journey = find();
    const { judged, result } = await look(journey, wish, parts);
    await go(core, entry, journey, judged, parts);
    return { ...result, applied: true };
  } finally {
    release();
  }
}

async function look(journey: Journey, wish: Wish, parts: TimeParts): Promise<{ judged: Judged[]; result: TimeResult }> {
  const { lookAt } = await import("../../workspace/put-back.ts");
  const ids = journey.turns.map(({ id }) => id);
  const steps: Step[] = journey.kind === "undo" ? undoSteps(parts.queries.turnWrites(ids)) : redoSteps(journey.undo);
  const forced = new Set(wish.force);
  const judged: Judged[] = [];
  for (const step of steps) judged.push(await judge(step, await lookAt(step.path), forced.has(step.path), parts));
  const result: TimeResult = {
    applied: false,
    turns: ids,
    files: judged.map(({ told }) => told),
    notes: lacks(journey.turns, parts),
    ...(journey.kind === "undo" && journey.prompt !== undefined && { prompt: journey.prompt }),
  };
  return { judged, result };
}

async function go(core: Core, entry: OpenSession, journey: Journey, judged: Judged[], parts: TimeParts): Promise<void> {
  const doing = judged.filter(({ told }) => told.state === "ready" && told.change !== "none");
  const record: UndoRecord = {
    id: randomUUID(),
    session: entry.id,
    kind: journey.kind,
    ...(journey.kind === "redo" && { of: journey.undo.id }),
    turns: journey.turns.map(({ id }) => id),
    last: core.options.queries.turns(entry.id, 1)[0]?.id ?? "",
    files: doing.map(({ step, present }) => ({
      path: step.path,
      from: stateOf(present),
      to: { hash: step.target, ...(step.mode !== undefined && { mode: step.mode }) },
      ...(step.made !== undefined && { made: step.made }),
    })),
  };
  // What is there now is kept first, so that even what was forced can be brought back.
  const contents = doing.flatMap(({ step, present }): FileVersion[] =>
    present.kind === "file"
      ? [{ session: entry.id, turn: `undo:${record.id}`, path: step.path, content: present.content, mode: present.mode }]
      : [],
  );
  await parts.store.openUndo(record, contents);
  const left: string[] = [];
  for (const one of doing) if (!(await put(one, record.id))) left.push(one.step.path);
  await tellTurns(core, entry, journey.turns, journey.kind === "undo");
  await parts.store.closeUndo(record.id, left);
}

const stateOf = (present: Judged["present"]): FileState =>
  present.kind === "file" ? { hash: present.hash, mode: present.mode } : { hash: null };

/** False: it was changed between the look and now, or cannot be written; it is left and told as such. */
async function put({ step, present, content, told }: Judged, undo: string): Promise<boolean> {
  const { lookAt, putFile } = await import("../../workspace/put-back.ts");
  const now = await lookAt(step.path);
  const same = now.kind === present.kind && (now.kind !== "file" || (present.kind === "file" && now.hash === present.hash));
  if (!same) {
    Object.assign(told, { state: "conflict", why: "it was changed at this very moment" } satisfies Partial<TimeFile>);
    return false;
  }
  try {
    await putFile(step.path, content, { undo, ...step });
    told.state = "done";
    return true;
  } catch (error) {
    Object.assign(told, { state: "conflict", why: `it cannot be written (${(error as NodeJS.ErrnoException).code ?? String(error)})` });
    return false;
  }
}

/** The turns count no more, or again; the session's context is what the last answer that counts has told. */
async function tellTurns(core: Core, entry: OpenSession, turns: readonly Turn[], undone: boolean): Promise<void> {
  await core.hub.commit(
    entry.id,
    turns.map((turn) => toldOf(turn, undone)),
  );
  const contextTokens = core.options.queries.session(entry.id)?.contextTokens ?? 0;
  await core.hub.commit(entry.id, [sessionUpdate(entry, { contextTokens }, core.options.clock)]);
}
