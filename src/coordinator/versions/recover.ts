import type { Log } from "../../contracts/base.ts";
import type { UndoRecord } from "../../contracts/time.ts";
import type { DurableBody } from "../../protocol/index.ts";
import type { Queries } from "../../contracts/store.ts";
import type { Hub } from "../events/hub.ts";
import type { TimeParts } from "../options.ts";
import { hashOf } from "./judge.ts";
import { unfinishedSteps } from "./plan.ts";
import { toldOf } from "./told.ts";

/** Finishes what a dead server had begun to undo or redo. A file that is neither as it was nor as it will be is somebody's, and left. */
export async function recoverUndos(parts: { time: TimeParts | undefined; queries: Queries; hub: Hub; log: Log }): Promise<void> {
  const { time, log } = parts;
  if (time === undefined) return;
  for (const record of time.queries.openUndos()) {
    try {
      await finish(record, time, parts);
      log.warn("an undo of an earlier server was finished", { session: record.session, files: record.files.length });
    } catch (error) {
      log.error("an undo of an earlier server could not be finished", { session: record.session, error: String(error) });
    }
  }
}

async function finish(record: UndoRecord, time: TimeParts, { queries, hub, log }: { queries: Queries; hub: Hub; log: Log }): Promise<void> {
  const { isTorn, lookAt, putFile, removeLeftover } = await import("../../workspace/put-back.ts");
  const left: string[] = [];
  for (const step of unfinishedSteps(record)) {
    await removeLeftover(step.path, record.id);
    const present = await lookAt(step.path);
    const hash = hashOf(present);
    if (hash === step.target) continue;
    const content = step.target === null ? undefined : time.queries.content(step.target);
    if ((hash !== step.expected && !isTorn(present, content)) || (step.target !== null && content === undefined)) {
      left.push(step.path);
      log.warn("a file of an unfinished undo was left as it is", { path: step.path });
      continue;
    }
    await putFile(step.path, content, { undo: record.id, ...step });
  }
  const bodies = record.turns.flatMap((id): DurableBody[] => {
    const found = queries.turn(id);
    return found === undefined ? [] : [toldOf(found, record.kind === "undo")];
  });
  if (bodies.length > 0) await hub.commit(record.session, bodies);
  await time.store.closeUndo(record.id, left);
}
