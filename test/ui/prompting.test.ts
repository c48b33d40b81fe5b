// Writing a prompt: keys, pastes, completions, history.
import { expect, test } from "vitest";
import { answered, Stage, turn, user } from "./support.ts";

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
