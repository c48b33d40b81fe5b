import type { DurableKind } from "../protocol/index.ts";

/** Number of each event kind in the file: its index here. Only ever appended to. */
export const eventKinds = [
  "session.created",
  "session.updated",
  "session.deleted",
  "message.created",
  "part.finished",
  "message.finished",
  "permission.asked",
  "permission.resolved",
  "turn.queued",
  "turn.started",
  "turn.completed",
  "turn.undone",
  "turn.redone",
] as const satisfies readonly DurableKind[];

export const kindNumber = Object.fromEntries(eventKinds.map((kind, number) => [kind, number])) as Record<DurableKind, number>;
