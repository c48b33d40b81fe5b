import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { openStore } from "../../src/store/client.ts";
import { openQueries } from "../../src/store/queries/queries.ts";
import { openWriter } from "../../src/store/writer.ts";
import { type Harness, harness, settle, tool, workspace } from "./support/harness.ts";

// The coordinator over the real store: its strictness (one end a turn, pending permissions, known messages) is the oracle.

const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) fs.rmSync(directory, { recursive: true, force: true });
});

const database = (): string => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "coordinator-"));
  directories.push(directory);
  return path.join(directory, "crush.db");
};

async function open(
  file: string,
  tools: Parameters<typeof harness>[0] = {},
): Promise<{ h: Harness; queries: ReturnType<typeof openQueries>; kill: () => void }> {
  const writer = openWriter(file);
  let dead = false;
  const store = openStore({
    run: async (batch) => {
      await settle(1);
      return dead ? new Promise(() => {}) : writer.commit(batch);
    },
  });
  await store.ready();
  const queries = openQueries(file);
  const h = await harness({ ...tools, store: store as never, queries });
  return {
    h,
    queries,
    kill() {
      dead = true;
      writer.close();
      queries.close();
    },
  };
}

const ask = tool("write", { intent: { action: "write", path: `${workspace}/src/a.ts`, title: "write a" } });

test("a turn with a question, tools and two completions is stored as it was told, and a later client replays the same", async () => {
  const { h, queries, kill } = await open(database(), { tools: [ask, tool("echo")] });
  const session = await h.session();
  let n = 0;
  h.workers.answer = () =>
    n++ === 0 ? { text: "I do", calls: ["write", "echo"].map((name) => ({ call: name, name, input: '{"value":"v"}' })) } : { text: "done" };
  await h.request("session.prompt", { session, text: "go" }, "key");
  await settle(100);
  const [permission] = queries.permissions({ session, pendingOnly: true });
  expect(queries.session(session)?.status).toBe("waiting");
  await h.request("permission.resolve", { permission: permission!.id, decision: "allow", scope: "always" });
  await settle(100);
  expect(queries.turns(session, 5)).toMatchObject([{ status: "ok", completions: 2, usage: { input: 200, output: 20 } }]);
  expect(queries.session(session)).toMatchObject({ status: "idle", messageCount: 5, contextTokens: 110 });
  const { peer, port } = h.connect();
  await port.request("session.subscribe", { session, after: 0 });
  await settle(10);
  expect(peer.events.map(({ seq, kind }) => [seq, kind])).toEqual(h.peer.events.map(({ seq, kind }) => [seq, kind]));
  expect(queries.messages(session, { limit: 10 }).messages.map(({ role }) => role)).toEqual([
    "user",
    "assistant",
    "tool",
    "tool",
    "assistant",
  ]);
  expect(await h.request("session.prompt", { session, text: "go" }, "key")).toMatchObject({ queued: false });
  expect(queries.turns(session, 5)).toHaveLength(1);
  // What was told of the session is what the store has of it.
  const told = h.peer.events.findLast(({ kind }) => kind === "session.updated")?.data as { session: object };
  const { head: _, updatedAt: __, ...stored } = queries.session(session)!;
  expect(told.session).toMatchObject(stored);
  kill();
});

test("a server that is killed in the middle of a stream leaves text that the next one keeps as abandoned, and one end of the turn", async () => {
  const file = database();
  const first = await open(file);
  const session = await first.h.session();
  await first.h.request("session.prompt", { session, text: "go" });
  await settle(50);
  const [start] = first.h.workers.all("completion.start");
  first.h.workers.say(0, {
    t: "deltas",
    deltas: [{ type: "delta", session, message: start!.message, part: "p", index: 0, kind: "text", offset: 0, text: "half" }],
  });
  const queued = await first.h.request("session.prompt", { session, text: "next" });
  await first.h.store.flush();
  first.kill();

  const second = await open(file);
  await settle(20);
  const turns = second.queries.turns(session, 5);
  expect(turns).toMatchObject([
    { id: queued.turn, status: "interrupted", cause: "server_died" },
    { id: start!.turn, status: "interrupted", cause: "server_died" },
  ]);
  const answer = second.queries.messages(session, { limit: 10 }).messages.find(({ role }) => role === "assistant");
  expect(answer).toMatchObject({ abandoned: true, parts: [{ kind: "text", text: "half", incomplete: true }] });
  expect(second.queries.integrity()).toEqual([]);
  second.h.workers.answer = () => ({ text: "on" });
  await second.h.request("session.resume", { session });
  await settle(80);
  expect(second.queries.turns(session, 1)[0]?.status).toBe("ok");
  second.kill();
});
