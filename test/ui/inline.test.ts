import { expect, test } from "vitest";
import { answered, assistant, permission, Stage, toolResult, turn, user } from "./support.ts";

const start = async (rows = 24, cols = 80): Promise<Stage> => {
  const stage = new Stage({ session: "s1", mode: "inline", rows, cols });
  stage.event({ kind: "message.created", data: { message: user("t1", "count") } });
  stage.event({ kind: "turn.started", data: { turn: turn("t1", "running") } });
  await stage.settle();
  return stage;
};

test("finished blocks are committed once, in order, and leave the live region", async () => {
  const stage = new Stage({ session: "s1", mode: "inline", messages: [user("t0", "hi"), answered("t0", "hello **you**")] });
  await stage.settle();
  expect(stage.committed.join("\n")).toBe("\n┃ hi\n\nhello you");
  stage.paint();
  expect(stage.committed).toHaveLength(4);
  expect(stage.surface.screen).not.toContain("hello");
});

test("an answer longer than the screen: every line is committed exactly once, and the live region stays below the screen's height", async () => {
  const stage = await start(14);
  const lines = Array.from({ length: 120 }, (_, i) => `paragraph ${i}`);
  const text = `${lines.join("\n\n")}\n`;
  for (let at = 0; at < text.length; at += 7) {
    stage.delta("m1", "x1", at, text.slice(at, at + 7));
    stage.paint();
    expect(stage.liveRows).toBeLessThan(14);
    expect(stage.cursor.row).toBeLessThan(stage.liveRows);
  }
  expect(stage.committed.length).toBeGreaterThan(100);
  stage.event({ kind: "message.created", data: { message: assistant("m1", "t1") } });
  stage.event({ kind: "part.finished", data: { message: "m1", part: { id: "x1", index: 0, kind: "text", text } } });
  stage.paint();
  expect(stage.committed.filter((line) => line.startsWith("paragraph"))).toEqual(lines);
});

test("a resize amid an answer repeats and loses no line", async () => {
  const stage = await start(12, 60);
  const lines = Array.from({ length: 60 }, (_, i) => `sentence number ${i} is somewhat longer than a narrow screen`);
  const text = lines.join("\n\n");
  for (let at = 0; at < text.length; at += 50) {
    if (at % 500 === 0) {
      const cols = at % 1_000 === 0 ? 30 : 100;
      stage.surface.resize(cols, 11);
      stage.view.resize(cols, 12);
    }
    stage.delta("m1", "x1", at, text.slice(at, at + 50));
    stage.paint();
  }
  stage.event({ kind: "part.finished", data: { message: "m1", part: { id: "x1", index: 0, kind: "text", text } } });
  stage.paint();
  const words = stage.committed
    .join(" ")
    .match(/number (\d+)/g)!
    .map((match) => Number(match.slice(7)));
  expect(words).toEqual(lines.map((_, i) => i));
});

test("a permission is asked inside the live region and its call is committed with its result", async () => {
  const stage = await start(16);
  stage.event({
    kind: "message.created",
    data: {
      message: assistant("m1", "t1", {
        parts: [{ id: "x1", index: 0, kind: "tool_call", call: "c1", name: "bash", input: '{"command":"ls"}' }],
      }),
    },
  });
  stage.event({ kind: "permission.asked", data: { permission: permission() } });
  expect(stage.paint()).toContain("Permission: Bash");
  expect(stage.liveRows).toBeLessThan(16);
  expect(stage.committed.join("\n")).not.toContain("Bash");
  stage.event({ kind: "permission.resolved", data: { permission: permission({ state: "allowed" }) } });
  stage.event({
    kind: "message.created",
    data: { message: toolResult("bash", "file") },
  });
  stage.paint();
  expect(stage.committed.join("\n")).toContain("✓ Bash ls\n    file");
});

test("the greeting is committed once; dialogs and completions stay in the live region", async () => {
  const stage = new Stage({ mode: "inline", rows: 10 });
  await stage.settle();
  expect(stage.committed.join("\n")).toContain("GPT-5");
  const count = stage.committed.length;
  for (const keys of ["\x10", "\x1b[27u", "/", "\x1b[27u", "\x07"]) {
    await stage.type(keys);
    expect(stage.liveRows).toBeLessThan(10);
  }
  expect(stage.committed).toHaveLength(count);
});

test("a session with a long past commits its end and says where the rest is", async () => {
  const messages = Array.from({ length: 200 }, (_, i) => answered(`t${i}`, `answer ${i}`));
  const stage = new Stage({ session: "s1", mode: "inline", messages });
  await stage.settle();
  expect(stage.committed[0]).toContain("crush session show abcdef0");
  expect(stage.committed.length).toBeLessThan(210);
  expect(stage.committed.at(-1)).toContain("answer 199");
});

test("leaving empties the live region before the client is told to quit", async () => {
  const stage = new Stage({ session: "s1", mode: "inline", rows: 12 });
  await stage.settle();
  await stage.type("\x03\x03");
  expect(stage.host.effects.some((effect) => effect.effect === "quit")).toBe(false);
  expect(stage.paint().trim()).toBe("");
  expect(stage.liveRows).toBe(1);
  await stage.host.pass(1);
  expect(stage.host.effects.at(-1)).toEqual({ effect: "quit", text: "Go on with it: crush -s abcdef0" });
});

test("a view that goes on elsewhere commits nothing twice", async () => {
  const stage = await start(12);
  const text = Array.from({ length: 40 }, (_, i) => `paragraph ${i}`).join("\n\n");
  stage.delta("m1", "x1", 0, text.slice(0, 300));
  stage.paint();
  const committed = [...stage.committed];
  expect(committed.some((line) => line.startsWith("paragraph"))).toBe(true);
  const moved = new Stage({
    session: "s1",
    mode: "inline",
    rows: 12,
    messages: [user("t1", "count")],
    turns: [turn("t1", "running")],
    state: structuredClone(stage.view.state()),
  });
  await moved.settle();
  moved.delta("m1", "x1", 0, text);
  moved.event({ kind: "part.finished", data: { message: "m1", part: { id: "x1", index: 0, kind: "text", text } } });
  moved.paint();
  expect([...committed, ...moved.committed].filter((line) => line.startsWith("paragraph"))).toEqual(text.split("\n\n"));
});
