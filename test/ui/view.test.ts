import { expect, test } from "vitest";
import { answered, assistant, permission, session, Stage, turn, user } from "./support.ts";

test("on the landing page enter makes a session, shows it and sends the prompt, in this order", async () => {
  const stage = new Stage();
  expect(await stage.settle()).toContain("GPT-5");
  await stage.type("hello there\r");
  expect(stage.host.requests.map((request) => request.method).filter((method) => /create|show|prompt/.test(method))).toEqual([
    "session.create",
    "screen.show",
    "session.prompt",
  ]);
  expect(stage.host.of("session.create")).toEqual([{ workspace: "/home/me/project" }]);
  expect(stage.host.of("session.prompt")).toEqual([{ session: "s1", text: "hello there" }]);
});

test("a failed prompt goes back to the editor and says why", async () => {
  const stage = new Stage({ replies: { "session.create": () => Promise.reject(new Error("no model is configured")) } });
  await stage.settle();
  const screen = await stage.type("precious\r");
  expect(screen).toContain("> precious");
  expect(screen).toContain("no model is configured");
});

test("without a model the landing page says how to connect one, and the demo is labelled", async () => {
  const stage = new Stage({ rows: 30, replies: { "model.list": () => ({ models: [], notices: [], demo: true }) } });
  const screen = await stage.settle();
  expect(screen).toContain("OPENAI_API_KEY");
  expect(screen).toContain("Ollama");
  expect(screen).toContain("Press enter to connect one");
  expect(screen).toContain("demo, no model");
});

test("a prompt, a streamed answer and its end are shown as they come", async () => {
  const stage = new Stage({ session: "s1" });
  await stage.settle();
  stage.event({ kind: "message.created", data: { message: user("t1", "What is 2+2?") } });
  stage.event({ kind: "turn.started", data: { turn: turn("t1", "running") } });
  stage.latest({ type: "activity", session: "s1", state: "connecting" });
  expect(stage.paint()).toContain("┃ What is 2+2?");
  expect(stage.paint()).toContain("Connecting");
  stage.delta("m1", "x1", 0, "It is **fo");
  stage.latest({ type: "activity", session: "s1", state: "streaming" });
  expect(stage.paint()).toContain("It is **fo");
  stage.delta("m1", "x1", 10, "ur**.\n");
  expect(stage.paint()).toContain("It is four.");
  stage.event({ kind: "message.created", data: { message: assistant("m1", "t1") } });
  stage.event({ kind: "part.finished", data: { message: "m1", part: { id: "x1", index: 0, kind: "text", text: "It is **four**.\n" } } });
  stage.event({
    kind: "message.finished",
    data: { message: assistant("m1", "t1", { finishedAt: 1_002_000, finish: "end_turn", model: { provider: "openai", model: "gpt-5" } }) },
  });
  stage.event({ kind: "turn.completed", data: { turn: turn("t1", "ok") } });
  const screen = stage.paint();
  expect(screen).toContain("◇ gpt-5 · 2.0 s");
  expect(screen).not.toContain("Answering");
  expect(stage.surface.lines.filter((line) => line.includes("It is four"))).toHaveLength(1);
});

test("an idle view runs no timer, a running turn one", async () => {
  const stage = new Stage({ session: "s1" });
  await stage.settle();
  expect(stage.host.timersRunning).toBe(0);
  stage.event({ kind: "turn.started", data: { turn: turn("t1", "running") } });
  expect(stage.host.timersRunning).toBe(1);
  stage.event({ kind: "turn.completed", data: { turn: turn("t1", "ok") } });
  expect(stage.host.timersRunning).toBe(0);
  await stage.type("\x1b");
  expect(stage.host.timersRunning).toBe(1);
  await stage.host.pass(50);
  expect(stage.host.timersRunning).toBe(0);
});

test("while something runs the spinner touches one row", async () => {
  const stage = new Stage({ session: "s1", messages: [user("t1", "go"), answered("t0", "text\n\nmore")] });
  stage.event({ kind: "turn.started", data: { turn: turn("t1", "running") } });
  await stage.settle();
  stage.surface.settle();
  await stage.host.pass(260);
  stage.paint();
  expect([...stage.surface.touched]).toEqual([23]);
});

test("a prompt sent while a turn runs is shown as queued, then in its place", async () => {
  const stage = new Stage({ session: "s1" });
  stage.event({ kind: "message.created", data: { message: user("t1", "first") } });
  stage.event({ kind: "turn.started", data: { turn: turn("t1", "running") } });
  stage.event({ kind: "message.created", data: { message: user("t2", "second") } });
  stage.event({ kind: "turn.queued", data: { turn: turn("t2", "queued") } });
  stage.delta("m1", "x1", 0, "answer to first");
  let screen = await stage.settle();
  expect(screen).toContain("queued second");
  expect(screen).toContain("1 queued");
  expect(screen).not.toContain("┃ second");
  stage.event({ kind: "message.created", data: { message: assistant("m1", "t1") } });
  stage.event({ kind: "turn.completed", data: { turn: turn("t1", "ok") } });
  stage.event({ kind: "turn.started", data: { turn: turn("t2", "running") } });
  screen = stage.paint();
  expect(screen).not.toContain("queued");
  const lines = stage.surface.lines;
  expect(lines.findIndex((line) => line.includes("┃ second"))).toBeGreaterThan(lines.findIndex((line) => line.includes("answer to first")));
});

test("escape arms, a second escape cancels the turn", async () => {
  const stage = new Stage({ session: "s1" });
  stage.event({ kind: "turn.started", data: { turn: turn("t1", "running") } });
  await stage.settle();
  await stage.type("\x1b");
  await stage.host.pass(40);
  expect(stage.paint()).toContain("Press esc again to cancel");
  expect(stage.host.of("session.cancel")).toEqual([]);
  await stage.type("\x1b");
  await stage.host.pass(40);
  expect(stage.host.of("session.cancel")).toEqual([{ session: "s1", queue: true }]);
  stage.event({ kind: "turn.completed", data: { turn: turn("t1", "interrupted", { reason: "canceled by you" }) } });
  stage.event({ kind: "message.created", data: { message: user("t1", "first") } });
  expect(stage.paint()).toMatch(/Interrupted: canceled by you/);
});

test("an interrupted turn says how to go on, and the command does it", async () => {
  const stage = new Stage({
    session: "s1",
    messages: [user("t1", "go")],
    turns: [turn("t1", "interrupted", { reason: "the server was killed", cause: "server_died" })],
    replies: { "session.resume": () => ({ turn: "t1" }) },
  });
  const screen = await stage.settle();
  expect(screen).toContain("Interrupted: the server was killed. /resume goes on");
  await stage.type("/resume\r");
  expect(stage.host.of("session.resume")).toEqual([{ session: "s1" }]);
});

test("a retry shows its reason and counts down", async () => {
  const stage = new Stage({ session: "s1" });
  stage.event({ kind: "turn.started", data: { turn: turn("t1", "running") } });
  stage.latest({ type: "activity", session: "s1", state: "retrying", attempt: 3, retryAt: stage.host.time + 4_000, note: "rate limited" });
  expect(await stage.settle()).toContain("Attempt 3 in 4 s  rate limited");
  await stage.host.pass(2_100);
  expect(stage.paint()).toContain("Attempt 3 in 2 s");
});

test("the status shows model, tokens, share of the context, cost and yolo", async () => {
  const stage = new Stage({
    session: "s1",
    replies: {
      "session.get": () => ({ session: session({ contextTokens: 25_000, usage: { ...session().usage, cost: 0.123 }, yolo: true }) }),
    },
  });
  const screen = await stage.settle();
  expect(screen).toContain("GPT-5");
  // Of what may be filled, not of the window: an answer needs room.
  expect(screen).toContain("25K 31%");
  expect(screen).toContain("$0.123");
  expect(screen).toContain("yolo");
  await stage.type("\x19");
  expect(stage.host.of("session.setYolo")).toEqual([{ session: "s1", yolo: false }]);
  expect(stage.paint()).not.toContain("yolo");
});

test.each([
  [40, 8],
  [40, 24],
  [60, 12],
  [80, 24],
  [120, 40],
  [300, 80],
])("at %i x %i nothing throws, nothing leaves the screen and the cursor is on it", async (cols, rows) => {
  const stage = new Stage({
    session: "s1",
    cols,
    rows,
    messages: [
      user("t0", "漢字 and 👩‍👩‍👧 emoji ".repeat(20)),
      answered(
        "t0",
        "# Head\n\n| a | b | c | d | e |\n|--|--|--|--|--|\n| 1 | 漢字 | 3 | 4 | 5 |\n\n```ts\nconst x = 1;\n```\n- a\n  - b\n",
      ),
    ],
  });
  await stage.settle();
  for (const keys of ["\x10", "\x1b[B", "\x1b[27u", "\x07", "\x1b[27u", "\x0c", "\x1b[27u", "some text 漢字 👍🏽 ".repeat(20)]) {
    await stage.type(keys);
    expect(stage.cursor.row).toBeLessThan(rows);
    expect(stage.cursor.col).toBeLessThan(cols);
    expect(stage.cursor.row).toBeGreaterThanOrEqual(0);
  }
  stage.event({ kind: "permission.asked", data: { permission: permission({ diff: "@@ -1 +1 @@\n-a\n+漢字".repeat(1) }) } });
  await stage.settle();
  expect(stage.surface.screen).toContain("Permission");
  for (const row of stage.surface.cells) expect(row).toHaveLength(cols);
});

test("after any resize the screen equals that of a view opened at that size", async () => {
  const messages = [user("t0", "question ".repeat(30)), answered("t0", "answer **bold** 漢字 ".repeat(60))];
  const stage = new Stage({ session: "s1", messages });
  await stage.settle();
  for (const [cols, rows] of [
    [40, 10],
    [300, 60],
    [53, 17],
    [80, 24],
  ] as const) {
    stage.surface.resize(cols, rows);
    stage.view.resize(cols, rows);
    const resized = stage.paint();
    const fresh = new Stage({ session: "s1", messages, cols, rows });
    expect(resized).toBe(await fresh.settle());
  }
});

test("ctrl+c asks, ctrl+c again leaves and says how to come back", async () => {
  const stage = new Stage({ session: "s1" });
  await stage.settle();
  expect(await stage.type("\x03")).toContain("Leave Crush?");
  await stage.type("\x03");
  expect(stage.host.effects.at(-1)).toEqual({ effect: "quit", text: "Go on with it: crush -s abcdef0" });
});

test("suspend and the external editor are effects; the editor's text replaces the prompt", async () => {
  const stage = new Stage({ session: "s1" });
  await stage.settle();
  await stage.type("draft\x0f");
  expect(stage.host.effects.at(-1)).toEqual({ effect: "editor", text: "draft" });
  expect(await stage.type("\x1b[200~better\x1b[201~")).toContain("> better");
  expect(stage.paint()).not.toContain("draft");
  await stage.type("\x1a");
  expect(stage.host.effects.at(-1)).toEqual({ effect: "suspend" });
});
