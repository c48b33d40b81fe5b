import type { Clock, Log } from "../../contracts/base.ts";
import type { DurableBody, DurableKind, Turn } from "../../protocol/index.ts";
import type { Ending } from "./machine.ts";

/** An end that cannot be written is tried again: the disk may be full for a while. */
const retryMs = 1_000;
const retriesMax = 60;

/** What counts when the rest contradicts the store: results of calls, and the end itself. */
const essential: ReadonlySet<DurableKind> = new Set<DurableKind>(["message.created", "turn.completed", "session.updated"]);

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

/** Writes the end of a turn in one commit, however long that takes. Never throws: what fails for good, the next server ends as interrupted. */
export async function commitEnd(
  bodies: DurableBody[],
  by: { commit: (bodies: DurableBody[]) => Promise<unknown>; clock: Clock; log: Log; fields: Record<string, unknown> },
): Promise<void> {
  let list = bodies;
  for (let tries = 0; tries <= retriesMax; tries++) {
    try {
      await by.commit(list);
      return;
    } catch (error) {
      by.log.error("the end of a turn could not be written", { ...by.fields, tries, error: String(error) });
      if (codeOf(error) === "closed") return;
      // Something contradicts the store, because an earlier write of this turn failed.
      if (codeOf(error) === "constraint" && list === bodies) list = bodies.filter(({ kind }) => essential.has(kind));
      else await new Promise<void>((resolve) => by.clock.after(retryMs, resolve));
    }
  }
}

export const storageEnding = (error: unknown): Ending => ({
  status: "failed",
  cause: "storage",
  reason: `What the turn did could not be written: ${error instanceof Error ? error.message : String(error)}`,
});

export const timeoutEnding = (ms: number): Ending => ({
  status: "limit",
  cause: "timeout",
  reason: `Stopped after ${ms / 1_000} s, which is the limit that was set`,
});

/** An error with a code was foreseen and says what to do; any other is logged, too. */
export function unpreparedEnding(error: unknown, session: string, log: Log): Ending {
  const code = codeOf(error);
  if (code === undefined) log.error("turn could not be prepared", { session, error: String(error) });
  return {
    status: "failed",
    cause: typeof code === "string" ? code : "internal",
    reason: error instanceof Error ? error.message : String(error),
  };
}

/** What the model reads in place of a result that the end of the turn has cut off. */
export const unfinishedCall = ({ cause, reason, status }: Ending): string =>
  cause === "canceled" ? "The call was canceled by the user." : `The call was not finished: the turn ended (${reason ?? cause ?? status}).`;

export const endedTurn = (turn: Turn, { status, reason, cause }: Ending, clock: Clock): Turn => ({
  ...turn,
  status,
  endedAt: clock.now(),
  ...(reason !== undefined && { reason }),
  ...(cause !== undefined && { cause }),
});
