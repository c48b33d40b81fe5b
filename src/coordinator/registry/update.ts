import type { Clock } from "../../contracts/base.ts";
import type { DurableBody, Session } from "../../protocol/index.ts";
import type { OpenSession } from "./sessions.ts";

/** Changes the session in memory and gives the event that makes the change durable; commit it in the same turn of the event loop. */
export function sessionUpdate(entry: OpenSession, change: Partial<Session>, clock: Clock): DurableBody {
  entry.session = { ...entry.session, ...change, updatedAt: clock.now() };
  return { kind: "session.updated", data: { session: entry.session } };
}
