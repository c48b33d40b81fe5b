import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DurableEvent } from "../../src/protocol/index.ts";
import type { Client } from "../../src/sdk/index.ts";
import { openProduct, type Product, until } from "../support/product.ts";

let product: Product;
let client: Client;
beforeAll(async () => {
  product = await openProduct();
  await product.serve();
  client = product.connect();
});
afterAll(() => product[Symbol.asyncDispose]());

async function begin(options: { yolo?: boolean } = {}) {
  const { session } = await client.request("session.create", { workspace: product.workspace, title: "t", env: product.env, ...options });
  const events: DurableEvent[] = [];
  const heard = { text: "", progress: "" };
  await client.subscribe(session.id, {
    after: 0,
    onEvent: (event) => events.push(event),
    onDelta: (delta) => (heard.text += delta.text),
    onProgress: (progress) => (heard.progress = progress.tail),
  }).live;
  const kinds = () => events.map(({ kind }) => kind);
  const completed = () => events.flatMap((event) => (event.kind === "turn.completed" ? [event.data.turn] : []));
  return { id: session.id, events, heard, kinds, completed };
}
const prompt = (session: string, text = "go") => client.request("session.prompt", { session, text });

test("canceled while it streams: the text is kept and marked, the provider's connection closed, one turn.completed, and the session goes on", async () => {
  const session = await begin();
  product.simulator.seen.length = 0;
  product.simulator.play({ words: 10_000, rate: 200 });
  await prompt(session.id);
  await until(() => session.heard.text.length > 20);
  expect(await client.request("session.cancel", { session: session.id })).toEqual({ canceled: true });
  // Its end is on disk when the cancel is answered.
  expect(session.completed()).toMatchObject([{ status: "interrupted", cause: "canceled" }]);
  await until(() => product.simulator.seen[0]!.closed);
  const { messages } = await client.request("session.messages", { session: session.id });
  const [part] = messages.at(-1)!.parts;
  expect(messages.at(-1)).toMatchObject({ role: "assistant", finish: "canceled", abandoned: true });
  expect(part).toMatchObject({ kind: "text", incomplete: true });
  expect(part!.kind === "text" && part!.text.length).toBeGreaterThan(20);
  expect(await client.request("session.cancel", { session: session.id })).toEqual({ canceled: false });

  product.simulator.play({ text: "Again." });
  await prompt(session.id, "once more");
  await until(() => session.completed().length === 2);
  expect(session.completed()[1]).toMatchObject({ status: "ok" });
  expect(
    product.simulator.seen
      .at(-1)
      ?.body.messages.filter(({ role }) => role !== "system")
      .map(({ content }) => content),
  ).toEqual(["go", "once more"]);
});

test("canceled while a tool runs: its process group is gone, the call has a result, one turn.completed", async () => {
  const session = await begin({ yolo: true });
  const file = path.join(product.workspace, "alive");
  product.simulator.play({
    tools: [
      {
        name: "bash",
        arguments: JSON.stringify({ description: "wait", command: `echo started; (sleep 30; echo late > ${file}) & sleep 30` }),
      },
    ],
  });
  await prompt(session.id);
  await until(() => session.heard.progress.includes("started") || session.completed().length > 0);
  expect(session.completed()).toEqual([]);
  await client.request("session.cancel", { session: session.id });
  expect(session.completed()).toMatchObject([{ status: "interrupted", cause: "canceled" }]);
  const [result] = session.events.flatMap((event) =>
    event.kind === "message.created" && event.data.message.role === "tool" ? event.data.message.parts : [],
  );
  expect(result).toMatchObject({ kind: "tool_result", call: "call_0", isError: true, text: expect.stringContaining("canceled") });
  await until(() => !product.processes().some(({ command }) => command.includes("sleep 30")));
  expect(fs.existsSync(file)).toBe(false);
});

test("canceled while a permission is asked for: the question is closed, late answers are told so", async () => {
  const session = await begin();
  product.simulator.play({ tools: [{ name: "write", arguments: '{"file_path":"never.txt","content":"x"}' }] });
  await prompt(session.id);
  await until(() => session.kinds().includes("permission.asked"));
  const [asked] = session.events.flatMap((event) => (event.kind === "permission.asked" ? [event.data.permission] : []));
  expect(asked).toMatchObject({ tool: "write", action: "write", state: "pending", path: path.join(product.workspace, "never.txt") });
  await client.request("session.cancel", { session: session.id });
  expect(
    session
      .kinds()
      .slice(-4)
      .filter((kind) => kind !== "session.updated"),
  ).toEqual(["message.created", "permission.resolved", "turn.completed"]);
  await expect(client.request("permission.resolve", { permission: asked!.id, decision: "allow" })).rejects.toMatchObject({
    code: "already_resolved",
  });
  expect(fs.existsSync(path.join(product.workspace, "never.txt"))).toBe(false);
});

test("a permission is asked of every client; the first answer wins, the other is told who was first", async () => {
  const session = await begin();
  const other = product.connect();
  product.simulator.play({ tools: [{ name: "write", arguments: '{"file_path":"yes.txt","content":"x"}' }] }, { text: "Done." });
  const asked = new Promise<string>((resolve) =>
    other.subscribe(session.id, { after: 0, onEvent: (event) => event.kind === "permission.asked" && resolve(event.data.permission.id) }),
  );
  await prompt(session.id);
  const permission = await asked;
  const answers = await Promise.allSettled([
    other.request("permission.resolve", { permission, decision: "allow" }),
    client.request("permission.resolve", { permission, decision: "deny" }),
  ]);
  expect(answers.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(answers.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "already_resolved" } });
  await until(() => session.completed().length === 1);
  expect(fs.existsSync(path.join(product.workspace, "yes.txt"))).toBe(answers[0].status === "fulfilled");
  await other.close();
});

test("prompts sent while a turn runs wait and run in order; canceling with the queue ends all, each once", async () => {
  const session = await begin();
  product.simulator.play({ words: 10_000, rate: 100 });
  const sent = [await prompt(session.id, "a"), await prompt(session.id, "b"), await prompt(session.id, "c")];
  expect(sent.map(({ queued }) => queued)).toEqual([false, true, true]);
  await until(() => session.heard.text !== "");
  await client.request("session.cancel", { session: session.id, queue: true });
  expect(session.completed().map(({ id, status }) => [id, status])).toHaveLength(3);
  expect(new Set(session.completed().map(({ id }) => id))).toEqual(new Set(sent.map(({ turn }) => turn)));
});
