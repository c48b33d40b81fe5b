import type { Session, Usage } from "../../src/protocol/index.ts";

export const noUsage: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0, cost: 0 };

/** A session in which nothing has been said. */
export const newSession = (id: string, more: Partial<Session> = {}): Session => ({
  id,
  hash: "",
  title: "t",
  workspace: "/w",
  createdAt: 1,
  updatedAt: 1,
  status: "idle",
  messageCount: 0,
  usage: noUsage,
  contextTokens: 0,
  todos: [],
  head: 0,
  yolo: false,
  ...more,
});
