import { expect, test } from "vitest";
import type { Message } from "../../src/protocol/index.ts";
import { answered, gpt, Stage, session, turn, user } from "./support.ts";

const summary: Message = {
  id: "sum",
  session: "s1",
  turn: "t2",
  role: "system",
  createdAt: 3,
  finishedAt: 3,
  summary: {
    upTo: "t1-user",
    kept: [],
    waiting: [],
    messages: 1_234,
    tokensBefore: 161_000,
    tokensAfter: 9_876,
    prompts: [],
    filesRead: [],
    filesChanged: [],
  },
  parts: [{ id: "p", index: 0, kind: "text", text: "What came before:\n- the **task**" }],
};
const open = async (): Promise<Stage> => {
  const stage = new Stage({
    session: "s1",
    messages: [user("t1", "the old prompt"), answered("t1", "the old answer"), summary],
    turns: [turn("t1", "ok"), turn("t2", "ok", { message: "" })],
    replies: { "session.compact": () => ({ turn: "t2", queued: false }) },
  });
  await stage.settle();
  return stage;
};

test("a compaction is one line in the transcript that opens to its text; what it replaced is still above it", async () => {
  const stage = await open();
  const screen = stage.paint();
  expect(screen).toContain("the old answer");
  expect(screen).toContain("▸ Compacted: 1,234 messages, 161,000 → 9,876 tokens");
  expect(screen).not.toContain("What came before");
  await stage.type("\t");
  const opened = await stage.type(" ");
  expect(opened).toContain("▾ Compacted: 1,234 messages");
  expect(opened).toContain("┆ What came before:");
  expect(opened).toContain("┆ - the **task**");
});

test("/compact asks for it, and the status line says what is being done", async () => {
  const stage = await open();
  await stage.type("/compact\r");
  expect(stage.host.requests.map(({ method }) => method)).toContain("session.compact");
  stage.event({ kind: "turn.started", data: { turn: turn("t3", "running", { message: "" }) } });
  stage.latest({ type: "activity", session: "s1", state: "compacting", note: "part 2 of 3" });
  expect(stage.paint()).toContain("Summarizing what is old: part 2 of 3");
});

test("the meter says how much of what may be filled is: at 100 % it is compacted", async () => {
  const stage = new Stage({
    session: "s1",
    messages: [],
    replies: { "session.get": () => ({ session: session({ contextTokens: gpt.contextWindow / 2 }) }) },
  });
  const left = gpt.contextWindow > 200_000 ? 20_000 : gpt.contextWindow / 5;
  expect(await stage.settle()).toContain(`${Math.round((gpt.contextWindow / 2 / (gpt.contextWindow - left)) * 100)}%`);
});
