// How the parts of messages are shown: calls, results, reasoning, failures; what is hostile in them stays out.
import { expect, test } from "vitest";
import { answered, assistant, session, Stage, toolResult, turn, user } from "./support.ts";

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
    data: { message: toolResult("bash", text, { exitCode: 3 }) },
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
    data: { message: toolResult("edit", "ok", { diff, additions: 1, removals: 1 }) },
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
    data: { message: toolResult("bash", text) },
  });
  const screen = await stage.settle();
  expect(screen).toContain("    red\n     100%\n     end".replace("    red", "     red"));
  expect(screen).not.toContain("␛");
});
