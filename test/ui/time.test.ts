import { expect, test } from "vitest";
import type { SearchHit, TimeResult } from "../../src/protocol/index.ts";
import { answered, session, Stage, turn, user } from "./support.ts";

const messages = [user("t1", "make it blue"), answered("t1", "It is blue."), user("t2", "now red"), answered("t2", "It is red.")];
const turns = [turn("t1", "ok"), turn("t2", "ok", { createdAt: 2_000_000 })];
const file = (name: string, more: Partial<TimeResult["files"][number]> = {}): TimeResult["files"][number] => ({
  path: `/home/me/project/${name}`,
  change: "put",
  state: "ready",
  additions: 3,
  removals: 1,
  ...more,
});
const result: TimeResult = {
  applied: false,
  turns: ["t2"],
  prompt: "now red",
  files: [
    file("a.css", { diff: "--- a.css\n+++ a.css\n@@ -1,1 +1,1 @@\n-red\n+blue\n" }),
    file("made.css", { change: "remove" }),
    file("b.css", { state: "conflict", why: "it was changed since" }),
  ],
  notes: ["1 shell command ran"],
};

async function stage(more: ConstructorParameters<typeof Stage>[0] = {}): Promise<Stage> {
  const made = new Stage({
    session: "s1",
    rows: 34,
    cols: 100,
    messages,
    turns,
    replies: {
      "session.undo": ({ preview }) => ({ ...result, applied: !preview }),
      "session.rewind": ({ preview }) => ({ ...result, applied: !preview }),
      "session.fork": () => ({ session: session({ id: "s2" }), prompt: "now red" }),
      ...more.replies,
    },
    ...more,
  });
  await made.settle();
  return made;
}

test("/undo shows what would happen to each file before anything is done; enter does it and brings the prompt back", async () => {
  const s = await stage();
  const shown = await s.type("/undo\r");
  for (const words of [
    "Undo the last turn",
    "now red",
    "~ a.css",
    "+3 −1",
    "- made.css",
    "! b.css",
    "it was changed since; it is left",
    "1 shell command ran",
  ])
    expect(shown).toContain(words);
  expect(s.host.of("session.undo")).toEqual([{ session: "s1", preview: true }]);
  expect(await s.type("d")).toMatch(/blue/);
  await s.type("\r");
  expect(s.host.of("session.undo")[1]).toEqual({ session: "s1" });
  const after = s.paint();
  expect(after).not.toContain("Undo the last turn —");
  expect(after).toContain("now red");
});

test("what was changed since goes back only when f says so; closed, nothing is done", async () => {
  const s = await stage();
  await s.type("/undo\r");
  expect(await s.type("q")).not.toContain("Undo the last turn");
  expect(s.host.of("session.undo")).toHaveLength(1);
  await s.type("/undo\r");
  expect(await s.type("f")).toContain("a redo brings it back");
  await s.type("\r");
  expect(s.host.of("session.undo").at(-1)).toEqual({ session: "s1", force: ["/home/me/project/b.css"] });
});

test("an undone turn is one line that opens, and comes back whole with a redo", async () => {
  const s = await stage();
  expect(s.paint()).toContain("It is red.");
  s.event({ kind: "turn.undone", data: { turn: turn("t2", "ok", { undone: true }) } });
  const folded = await s.settle();
  expect(folded).toContain("↶ Undone: now red");
  expect(folded).not.toContain("It is red.");
  expect(folded).toContain("It is blue.");
  s.event({ kind: "turn.redone", data: { turn: turn("t2", "ok") } });
  const back = await s.settle();
  expect(back).toContain("It is red.");
  expect(back).not.toContain("Undone");
});

test("a session that is opened shows what was undone before as undone", async () => {
  const s = await stage({ messages: messages.map((one) => (one.turn === "t2" ? { ...one, undone: true } : one)), turns: [] });
  expect(s.paint()).toContain("↶ Undone: now red");
});

test("/rewind lists the prompts; enter shows the undo of all after one, ctrl+f goes on in a fork", async () => {
  const s = await stage();
  const list = await s.type("/rewind\r");
  expect(list.indexOf("now red")).toBeGreaterThan(0);
  await s.type("\x1b[B\r");
  expect(s.host.of("session.rewind")).toEqual([{ session: "s1", message: "t1-user", preview: true }]);
  expect(s.paint()).toContain("Rewind to here");
  await s.type("q");
  await s.type("/rewind\r");
  await s.type("\x06");
  expect(s.host.of("session.fork")).toEqual([{ session: "s1", message: "t2-user" }]);
  expect(s.host.of("screen.show").at(-1)).toMatchObject({ session: "s2" });
});

const hit = (message: string, text: string): SearchHit => ({
  session: "s1",
  hash: "abcdef01",
  title: "A session",
  workspace: "/home/me/project",
  message,
  seq: 1,
  role: "assistant",
  createdAt: 1_000_000,
  snippet: { text, marks: [] },
});

test("/search finds in all sessions as one types, and opens the session at the message, however far back it is", async () => {
  const old = Array.from({ length: 40 }, (_, i) => [user(`o${i}`, `old prompt ${i}`), answered(`o${i}`, `old answer ${i}`)]).flat();
  const s = await stage({
    replies: {
      "session.search": ({ query }) => ({ hits: query.startsWith("wal") ? [hit("o3-a", "… the walrus of old …")] : [], complete: true }),
      "session.messages": ({ before }) => (before === undefined ? { messages, more: true } : { messages: old, more: false }),
    },
  });
  expect(await s.type("/search\r")).toContain("Search all sessions");
  expect(await s.type("zzz")).toContain("Nothing was found");
  await s.type("\x15");
  expect(await s.type("wal")).toContain("the walrus of old");
  await s.type("\r");
  const shown = await s.settle();
  expect(shown).toContain("old answer 3");
  expect(shown).not.toContain("It is red.");
});
