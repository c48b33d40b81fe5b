import { expect } from "vitest";
import { completed, results } from "./harness.ts";
import type { MemoryStore } from "./memory-store.ts";

/** However a session was cut: each of its turns has one end, no message is open, each call has one result, and nothing runs. */
export function expectWhole(store: MemoryStore, session: string, where: string): void {
  expect(completed(store, session).length, `${where}: ends`).toBe(store.turns(session, 10).length);
  const kept = store.conversation(session).filter(({ role, abandoned }) => role === "assistant" && !abandoned);
  for (const message of kept) expect(message.finishedAt, `${where}: open message`).toBeDefined();
  const calls = kept.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === "tool_call" ? [part.call] : [])));
  const answered = results(store, session);
  expect([...answered.keys()].sort(), `${where}: results`).toEqual(calls.sort());
  for (const [call, all] of answered) expect(all.length, `${where}: results of ${call}`).toBe(1);
  expect(store.session(session)?.status, `${where}: status`).toBe("idle");
}
