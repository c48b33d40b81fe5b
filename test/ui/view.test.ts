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

test("keys typed while an answer streams are echoed and touch only the editor", async () => {
  const stage = new Stage({ session: "s1" });
  stage.event({ kind: "turn.started", data: { turn: turn("t1", "running") } });
  stage.delta("m1", "x1", 0, "streaming\n\n");
  await stage.settle();
  stage.surface.settle();
  stage.view.input(new TextEncoder().encode("é"));
  stage.paint();
  expect(stage.surface.row(20)).toBe("> é");
  expect([...stage.surface.touched]).toEqual([20]);
  expect(stage.cursor).toEqual({ row: 20, col: 3, visible: true });
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

test("a permission is asked with the raw command, controls visible, and answered once", async () => {
  const stage = new Stage({ session: "s1" });
  stage.event({ kind: "turn.started", data: { turn: turn("t1", "running") } });
  await stage.settle();
  stage.event({
    kind: "permission.asked",
    data: { permission: permission({ input: JSON.stringify({ command: "echo \u001b[2J\u202e; rm -rf build" }) }) },
  });
  const screen = stage.paint();
  expect(screen).toContain("Permission: Bash (execute)");
  expect(screen).toContain("echo ␛[2J\ufffd; rm -rf build");
  expect(screen).toContain("removes files");
  await stage.type("a");
  expect(stage.host.of("permission.resolve")).toEqual([{ permission: "p1", decision: "allow", scope: "once" }]);
  expect(stage.paint()).not.toContain("Permission:");
  // A late repetition of the question does not ask again.
  stage.event({ kind: "permission.asked", data: { permission: permission() } });
  expect(stage.paint()).not.toContain("Permission:");
});

test("always shows the exact pattern before it is saved", async () => {
  const stage = new Stage({ session: "s1" });
  stage.event({ kind: "permission.asked", data: { permission: permission() } });
  await stage.settle();
  expect(await stage.type("w")).toContain("bash(rm -rf build)");
  expect(stage.host.of("permission.resolve")).toEqual([]);
  await stage.type("\r");
  expect(stage.host.of("permission.resolve")).toEqual([{ permission: "p1", decision: "allow", scope: "always" }]);
});

test("a denial can carry words, typed or pasted", async () => {
  const stage = new Stage({ session: "s1" });
  stage.event({ kind: "permission.asked", data: { permission: permission() } });
  await stage.settle();
  await stage.type("muse \x1b[200~trash\x1b[201~\r");
  expect(stage.host.of("permission.resolve")).toEqual([{ permission: "p1", decision: "deny", message: "use trash" }]);
});

test("a key typed into a prompt does not answer a question that pops up under it", async () => {
  const stage = new Stage({ session: "s1" });
  await stage.settle();
  await stage.type("what about ");
  stage.event({ kind: "permission.asked", data: { permission: permission() } });
  await stage.type("a");
  expect(stage.host.of("permission.resolve")).toEqual([]);
  await stage.host.pass(600);
  await stage.type("d");
  expect(stage.host.of("permission.resolve")).toEqual([{ permission: "p1", decision: "deny" }]);
});

test("a permission answered elsewhere closes here", async () => {
  const stage = new Stage({ session: "s1" });
  stage.event({ kind: "permission.asked", data: { permission: permission() } });
  expect(await stage.settle()).toContain("Permission:");
  stage.event({ kind: "permission.resolved", data: { permission: permission({ state: "denied" }) } });
  expect(stage.paint()).not.toContain("Permission:");
});

test("a tool call shows name, argument and state, its output while it runs, and folds", async () => {
  const stage = new Stage({ session: "s1", rows: 40 });
  stage.event({ kind: "message.created", data: { message: user("t1", "go") } });
  stage.event({ kind: "turn.started", data: { turn: turn("t1", "running") } });
  stage.event({ kind: "message.created", data: { message: assistant("m1", "t1") } });
  stage.delta("m1", "x1", 0, '{"command": "npm te', "tool_call", { call: "c1", name: "bash" });
  expect(await stage.settle()).toContain("○ Bash npm te");
  stage.event({
    kind: "part.finished",
    data: { message: "m1", part: { id: "x1", index: 0, kind: "tool_call", call: "c1", name: "bash", input: '{"command": "npm test"}' } },
  });
  stage.latest({ type: "progress", session: "s1", call: "c1", tail: "test 1 ok\n", bytes: 10, ms: 5 });
  let screen = stage.paint();
  expect(screen).toContain("● Bash npm test  running");
  expect(screen).toContain("    test 1 ok");
  const text = Array.from({ length: 30 }, (_, i) => `line ${i}`).join("\n");
  stage.event({
    kind: "message.created",
    data: {
      message: {
        ...assistant("m2", "t1"),
        role: "tool",
        parts: [{ id: "r1", index: 0, kind: "tool_result", call: "c1", name: "bash", text, isError: false, meta: { exitCode: 3 } }],
      },
    },
  });
  screen = stage.paint();
  expect(screen).toContain("✓ Bash npm test  exit 3");
  expect(screen).toContain("… 20 more lines");
  expect(screen).toContain("line 29");
  expect(screen).not.toContain("line 5\n");
  await stage.type("\t ");
  screen = stage.paint();
  expect(screen).toContain("line 5");
  expect(screen).not.toContain("more lines");
});

test("an edit's diff is shown with its line numbers", async () => {
  const stage = new Stage({ session: "s1", rows: 30 });
  stage.event({
    kind: "message.created",
    data: {
      message: assistant("m1", "t1", {
        parts: [{ id: "x1", index: 0, kind: "tool_call", call: "c1", name: "edit", input: '{"file_path":"src/a.ts"}' }],
      }),
    },
  });
  const diff = "--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1,3 +1,3 @@\n const a = 1;\n-const b = 2;\n+const b = 3;\n const c = 4;\n";
  stage.event({
    kind: "message.created",
    data: {
      message: {
        ...assistant("m2", "t1"),
        role: "tool",
        parts: [
          {
            id: "r1",
            index: 0,
            kind: "tool_result",
            call: "c1",
            name: "edit",
            text: "ok",
            isError: false,
            meta: { diff, additions: 1, removals: 1 },
          },
        ],
      },
    },
  });
  const screen = await stage.settle();
  expect(screen).toContain("✓ Edit src/a.ts  +1 -1");
  expect(screen).toContain("2   - const b = 2;");
  expect(screen).toContain("  2 + const b = 3;");
  expect(screen).not.toContain("+++");
});

test("reasoning shows its last lines while it streams and one line afterwards", async () => {
  const stage = new Stage({ session: "s1", rows: 30 });
  stage.event({ kind: "turn.started", data: { turn: turn("t1", "running") } });
  const text = Array.from({ length: 12 }, (_, i) => `thought ${i}`).join("\n\n");
  stage.delta("m1", "x1", 0, text, "reasoning");
  let screen = await stage.settle();
  expect(screen).toContain("▾ Thinking");
  expect(screen).toContain("thought 11");
  expect(screen).not.toContain("thought 3");
  stage.host.time += 4_000;
  stage.event({ kind: "part.finished", data: { message: "m1", part: { id: "x1", index: 0, kind: "reasoning", text } } });
  screen = stage.paint();
  expect(screen).toContain("▸ Thought for 4 s");
  expect(screen).not.toContain("thought 11");
});

test("failures and broken attempts that had said something are marked", async () => {
  const stage = new Stage({ session: "s1", rows: 30 });
  stage.event({
    kind: "message.finished",
    data: { message: assistant("m0", "t1", { finishedAt: 1, finish: "error", error: "no connection", abandoned: true }) },
  });
  stage.event({ kind: "part.finished", data: { message: "m1", part: { id: "x1", index: 0, kind: "text", text: "I was ab" } } });
  stage.event({
    kind: "message.finished",
    data: { message: assistant("m1", "t1", { finishedAt: 1, finish: "error", error: "overloaded", abandoned: true }) },
  });
  stage.event({
    kind: "message.finished",
    data: { message: assistant("m2", "t1", { finishedAt: 1, finish: "error", error: "bad key: set OPENAI_API_KEY" }) },
  });
  const screen = await stage.settle();
  expect(screen).toContain("⚠ This attempt broke off and is not sent to the model: overloaded");
  expect(screen).toContain("✗ Failed: bad key: set OPENAI_API_KEY");
  expect(screen).not.toContain("no connection");
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

test("wide characters in the editor keep the cursor at the edit point", async () => {
  const stage = new Stage();
  await stage.settle();
  await stage.type("漢字ab");
  expect(stage.cursor.col).toBe(2 + 6);
  await stage.type("\x1b[D\x1b[D\x1b[D");
  expect(stage.cursor.col).toBe(2 + 2);
});

test("a big paste folds to a chip and is sent whole", async () => {
  const stage = new Stage({ session: "s1" });
  await stage.settle();
  const text = Array.from({ length: 120 }, (_, i) => `row ${i}`).join("\n");
  expect(await stage.type(`look: \x1b[200~${text}\x1b[201~`)).toContain("> look: [pasted 120 lines]");
  await stage.type(" ok\r");
  expect(stage.host.of("session.prompt")).toEqual([{ session: "s1", text: `look: ${text} ok` }]);
});

test("@ offers paths once typing pauses, and what is chosen goes along as a file", async () => {
  const stage = new Stage({
    session: "s1",
    replies: { "file.complete": ({ query }) => ({ paths: query === "ma" ? ["src/main.ts", "src/map.ts"] : [] }) },
  });
  await stage.settle();
  await stage.type("see @m");
  await stage.type("a");
  expect(stage.host.of("file.complete")).toEqual([]);
  await stage.host.pass(80);
  expect(stage.host.of("file.complete")).toHaveLength(1);
  expect(stage.paint()).toContain("src/map.ts");
  await stage.type("\x1b[B\t");
  expect(stage.paint()).toContain("> see @src/map.ts");
  await stage.type("please\r");
  expect(stage.host.of("session.prompt")).toEqual([{ session: "s1", text: "see @src/map.ts please", files: [{ path: "src/map.ts" }] }]);
});

test("/ completes commands and enter runs the chosen one", async () => {
  const stage = new Stage({ session: "s1" });
  await stage.settle();
  expect(await stage.type("/he")).toContain("/help");
  expect(await stage.type("\r")).toContain("─ Help ─");
  expect(stage.host.of("session.prompt")).toEqual([]);
});

test("up calls back prompts of the session, down returns to the draft", async () => {
  const stage = new Stage({ session: "s1", messages: [user("t0", "earlier prompt"), answered("t0", "ok")] });
  await stage.settle();
  await stage.type("draft");
  expect(await stage.type("\x1b[A")).toContain("> earlier prompt");
  expect(await stage.type("\x1b[B")).toContain("> draft");
});

test("a newline comes from shift+enter, ctrl+j and a trailing backslash; enter sends", async () => {
  const stage = new Stage({ session: "s1" });
  await stage.settle();
  await stage.type("a\x1b[13;2ub\nc\\\rd\r");
  expect(stage.host.of("session.prompt")).toEqual([{ session: "s1", text: "a\nb\nc\nd" }]);
});

test("the session list filters, renames, deletes only after y, and opens", async () => {
  const sessions = [session({ id: "s1", title: "Parser work" }), session({ id: "s2", hash: "1234567", title: "Docs" })];
  const stage = new Stage({
    session: "s1",
    replies: {
      "session.list": () => ({ sessions }),
      "session.rename": ({ title }) => ({ session: session({ title }) }),
      "session.delete": () => ({}),
    },
  });
  await stage.settle();
  expect(await stage.type("\x13")).toContain("Docs");
  expect(await stage.type("doc")).not.toContain("Parser work  ");
  await stage.type("\x18");
  expect(stage.paint()).toContain('Delete "Docs"? y/n');
  await stage.type("n");
  expect(stage.host.of("session.delete")).toEqual([]);
  await stage.type("\x18y");
  expect(stage.host.of("session.delete")).toEqual([{ session: "s2" }]);
  await stage.type("\x12\x15New name\r");
  expect(stage.host.of("session.rename")).toEqual([{ session: "s2", title: "New name" }]);
  await stage.type("\r");
  expect(stage.host.of("screen.show")).toEqual([{ screen: 7, session: "s2" }]);
});

test("the model list sets the model of the session", async () => {
  const stage = new Stage({
    session: "s1",
    replies: { "session.setModel": () => ({ session: session({ model: { provider: "openai", model: "gpt-5" } }) }) },
  });
  await stage.settle();
  await stage.type("\x0c");
  expect(stage.paint()).toContain("OpenAI");
  await stage.type("\t\r");
  expect(stage.host.of("session.setModel")).toEqual([{ session: "s1", model: { provider: "openai", model: "gpt-5" }, kind: "small" }]);
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

test("what was typed goes along to another worker, with its chips and cursor", async () => {
  const stage = new Stage();
  await stage.settle();
  const big = "x\n".repeat(50);
  await stage.type(`a \x1b[200~${big}\x1b[201~ b\x1b[D`);
  const moved = new Stage({ session: "s1", state: structuredClone(stage.view.state()) });
  expect(await moved.settle()).toContain("> a [pasted 51 lines] b");
  await moved.type("X\r");
  expect(moved.host.of("session.prompt")).toEqual([{ session: "s1", text: `a ${big} Xb` }]);
});

test("the initial prompt is sent once, and not again after a move", async () => {
  const stage = new Stage({ initialPrompt: "fix it" });
  await stage.settle();
  expect(stage.host.of("session.prompt")).toEqual([{ session: "s1", text: "fix it" }]);
  const moved = new Stage({ session: "s1", initialPrompt: "fix it", state: structuredClone(stage.view.state()) });
  await moved.settle();
  expect(moved.host.of("session.prompt")).toEqual([]);
});

test("hostile text reaches the surface without a control character", async () => {
  const bad = "\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e\u0000";
  const stage = new Stage({
    session: "s1",
    messages: [
      user("t0", bad),
      answered("t0", `${bad}\n\n\`\`\`${bad}\n${bad}\n\`\`\`\n| ${bad} |\n|--|\n| ${bad} |\n[x${bad}](javascript:alert(1))`),
    ],
    replies: { "session.get": () => ({ session: session({ title: bad }) }) },
  });
  await stage.settle();
  expect(stage.surface.screen).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  for (const row of stage.surface.cells) for (const cell of row) expect(cell.style.link ?? "https://").toMatch(/^(https?|file):\/\//);
});

test("the place in the transcript and what is unfolded go along to another worker", async () => {
  const messages = Array.from({ length: 30 }, (_, i) => [user(`t${i}`, `prompt ${i}`), answered(`t${i}`, `answer ${i}`)]).flat();
  const stage = new Stage({ session: "s1", messages });
  await stage.settle();
  await stage.type("\tbbb");
  const before = stage.surface.lines.slice(1, 18);
  const moved = new Stage({ session: "s1", messages, state: structuredClone(stage.view.state()) });
  await moved.settle();
  expect(moved.surface.lines.slice(1, 18)).toEqual(before);
});

test("output of programs is shown without their colours and as they left it", async () => {
  const stage = new Stage({
    session: "s1",
    rows: 30,
    messages: [
      assistant("m1", "t1", { parts: [{ id: "x1", index: 0, kind: "tool_call", call: "c1", name: "bash", input: '{"command":"x"}' }] }),
    ],
  });
  const text = "\u001b[31mred\u001b[0m\r\n 10%\r 50%\r100%\n\u001b]0;title\u0007end\u001b[";
  stage.event({
    kind: "message.created",
    data: {
      message: {
        ...assistant("m2", "t1"),
        role: "tool",
        parts: [{ id: "r1", index: 0, kind: "tool_result", call: "c1", name: "bash", text, isError: false }],
      },
    },
  });
  const screen = await stage.settle();
  expect(screen).toContain("    red\n     100%\n     end".replace("    red", "     red"));
  expect(screen).not.toContain("␛");
});
