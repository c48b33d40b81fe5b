import { expect, test } from "vitest";
import { allHops } from "../../src/coordinator/link/link.ts";
import { wordsOf } from "../support/simulator.ts";
import { type FakePeer, tool } from "./support/harness.ts";
import { realThreads } from "./support/real-threads.ts";

const ends = async (peer: FakePeer, count: number): Promise<void> => {
  while (peer.kinds().filter((kind) => kind === "turn.completed").length < count) await new Promise((resolve) => setTimeout(resolve, 5));
};

test("prompt, stream, tool, stream, end over real threads; a queued prompt; a canceled one keeps what it had said", async () => {
  const { h, simulator, queries, counters, close } = await realThreads({ tools: [tool("echo")] });
  simulator.play({ text: "I look.", tools: [{ id: "c1", name: "echo", arguments: '{"value":"hello"}' }] }, { words: 200 });
  const session = await h.session();

  await h.request("session.prompt", { session, text: "go" });
  await h.request("session.prompt", { session, text: "and then" });
  await ends(h.peer, 2);
  expect(queries.turns(session, 5)).toMatchObject([
    { status: "ok", completions: 1 },
    { status: "ok", completions: 2 },
  ]);
  const roles = simulator.seen.map(({ body }) => body.messages.map(({ role }) => role).join(" "));
  expect(roles).toEqual(["system user", "system user assistant tool", "system user assistant tool assistant user"]);
  expect(queries.messages(session, { limit: 10 }).messages.findLast(({ role }) => role === "assistant")?.parts).toMatchObject([
    { kind: "text", text: wordsOf(200) },
  ]);
  const deltas = h.peer.frames.filter((frame) => "type" in frame && frame.type === "delta");
  expect(deltas.length).toBeGreaterThan(0);

  simulator.play({ words: 5_000, rate: 50 });
  await h.request("session.prompt", { session, text: "long" });
  while (!h.peer.frames.some((frame) => "type" in frame && frame.type === "delta" && frame.text !== "" && !deltas.includes(frame)))
    await new Promise((resolve) => setTimeout(resolve, 5));
  await h.request("session.cancel", { session });
  const [turn] = queries.turns(session, 1);
  expect(turn).toMatchObject({ status: "interrupted", cause: "canceled" });
  const broken = queries.messages(session, { limit: 1 }).messages[0];
  expect(broken).toMatchObject({ role: "assistant", abandoned: true });
  expect((broken!.parts[0] as { text: string }).text.length).toBeGreaterThan(0);

  // 200 words came at once: what the worker says of them is gathered by the tick, not sent word by word.
  expect(allHops(counters).messagesIn).toBeLessThan(200);
  await close();
});
