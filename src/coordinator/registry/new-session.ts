import { randomUUID } from "node:crypto";
import type { Session } from "../../protocol/index.ts";
import { sessionHash } from "../../store/hash.ts";
import { noUsage } from "../turn/usage.ts";

type Given = Pick<Session, "title" | "workspace"> & Partial<Pick<Session, "parent" | "agent" | "model" | "plan" | "todos" | "yolo">>;

/** A session in which nothing has been said, with an id of its own; `of` is what is known of it beforehand. */
export function newSession(of: Given, now: number): Session {
  const id = randomUUID();
  return {
    id,
    hash: sessionHash(id),
    createdAt: now,
    updatedAt: now,
    status: "idle",
    messageCount: 0,
    usage: noUsage(),
    contextTokens: 0,
    todos: [],
    head: 0,
    yolo: false,
    ...of,
  };
}
