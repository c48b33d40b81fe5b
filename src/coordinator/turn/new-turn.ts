import { randomUUID } from "node:crypto";
import type { Turn } from "../../protocol/index.ts";
import { noUsage } from "./usage.ts";

/** A turn that waits for its start, with an id of its own. `message`: the prompt that it is about; empty when there is none. */
export const newTurn = (session: string, message: string, now: number): Turn => ({
  id: randomUUID(),
  session,
  status: "queued",
  message,
  createdAt: now,
  completions: 0,
  usage: noUsage(),
});
