// A tool call whose arguments still stream.
import fc from "fast-check";
import { expect, test } from "vitest";
import { lineText } from "../../src/ui/layout/line.ts";
import { layoutCounters } from "../../src/ui/layout/markdown.ts";
import type { PartState } from "../../src/ui/model/state.ts";
import { dark } from "../../src/ui/theme/dark.ts";
import type { LayoutContext } from "../../src/ui/views/transcript/block.ts";
import { CallStream } from "../../src/ui/views/transcript/tool-stream.ts";
import { assistant, permission, Stage, turn } from "./support.ts";

/** Streams the arguments of a call in pieces of `size`, painting after each; answers each screen. */
function* stream(stage: Stage, name: string, input: unknown, size = 4): Generator<string> {
  const text = JSON.stringify(input);
  stage.event({ kind: "turn.started", data: { turn: turn("t1", "running") } });
  stage.delta("m1", "m1:0", 0, "", "tool_call", { call: "c1", name });
  for (let at = 0; at < text.length; at += size) {
    stage.delta("m1", "m1:0", at, text.slice(at, at + size), "tool_call");
    yield stage.paint();
  }
}
const finish = (stage: Stage, name: string, input: unknown): void =>
  void stage.event({
    kind: "part.finished",
    data: { message: "m1", part: { id: "m1:0", index: 0, kind: "tool_call", call: "c1", name, input: JSON.stringify(input) } },
  });
const numbered = (n: number): string => Array.from({ length: n }, (_, i) => `const line${i + 1} = ${i};\n`).join("");

test("a file is shown while it is written: its path, its lines so far and the last of them", async () => {
  const stage = new Stage({ session: "s1", rows: 40 });
  await stage.settle();
  const screens = [...stream(stage, "write", { file_path: "/home/me/project/src/a.ts", content: numbered(30) })];
  expect(screens.find((screen) => screen.includes("Write src/a"))).not.toContain("line1 ");
  const early = screens.find((screen) => screen.includes("const line3 = 2"))!;
  expect(early).toMatch(/○ Write src\/a\.ts {2}3 lines\n {5}\+ const line1 = 0;\n {5}\+ const line2 = 1;\n {5}\+ const line3 = 2/);
  const last = screens.at(-1)!;
  expect(last).toContain("○ Write src/a.ts  30 lines");
  expect(last).toContain("+ const line30 = 29;");
  expect(last).toContain("+ const line21 = 20;");
  expect(last).not.toContain("line20 =");
});

test("what was written stays in sight until the result is there, but not below the question that shows all of it", async () => {
  const stage = new Stage({ session: "s1", rows: 40 });
  await stage.settle();
  const input = { file_path: "/home/me/project/src/a.ts", content: numbered(3) };
  for (const _ of stream(stage, "write", input));
  finish(stage, "write", input);
  expect(stage.paint()).toContain("● Write src/a.ts  3 lines · running\n     + const line1 = 0;");
  stage.event({ kind: "permission.asked", data: { permission: permission({ call: "c1", tool: "write", input: JSON.stringify(input) }) } });
  expect(stage.paint()).toContain("? Write src/a.ts  waits for permission\n");
  expect(stage.surface.lines.filter((row) => row.startsWith("     + const line"))).toEqual([]);
});

test("the content may come before the path", async () => {
  const stage = new Stage({ session: "s1", rows: 40 });
  await stage.settle();
  const screens = [...stream(stage, "write", { content: numbered(2), file_path: "/home/me/project/b.ts" })];
  expect(screens.some((screen) => screen.includes("○ Write  2 lines"))).toBe(true);
  expect(screens.at(-1)).toContain("○ Write b.ts  2 lines");
});

test("an edit shows what goes and what comes, also of several edits", async () => {
  const stage = new Stage({ session: "s1", rows: 40 });
  await stage.settle();
  const edits = [
    { old_string: "one\ntwo", new_string: "uno" },
    { old_string: "three", new_string: "tre\nquattro" },
  ];
  const last = [...stream(stage, "multiedit", { file_path: "/home/me/project/a.txt", edits })].at(-1)!;
  expect(last).toContain(
    "○ Multi-edit a.txt (2 edits)  +3 -3\n     - one\n     - two\n     + uno\n     - three\n     + tre\n     + quattro\n",
  );
});

test("a command is in the header as it is typed, and below when it has more than one row", async () => {
  const short = new Stage({ session: "s1" });
  await short.settle();
  const screens = [...stream(short, "bash", { command: "ls -l /tmp", description: "list" }, 3)];
  expect(screens.some((screen) => /○ Bash ls -l\n/.test(screen))).toBe(true);
  expect(screens.at(-1)).toContain("○ Bash ls -l /tmp\n");
  expect(screens.at(-1)!.match(/ls -l/g)).toHaveLength(1);
  const long = new Stage({ session: "s1" });
  await long.settle();
  expect([...stream(long, "bash", { command: "cat <<'E'\nhello\nE" })].at(-1)).toContain(
    "○ Bash cat <<'E' …  3 lines\n     cat <<'E'\n     hello\n     E\n",
  );
});

test("control characters in arguments are shown, not sent", async () => {
  const stage = new Stage({ session: "s1" });
  await stage.settle();
  const last = [...stream(stage, "write", { file_path: "x\u001b]0;title\u0007", content: "a\u001b[2Jb\u009bc\r\n\u202ed" })].at(-1)!;
  expect(last).toContain("+ a␛[2Jb�c\n");
  expect(last).toContain("+ �d");
  expect(last).toContain("x␛]0;title␇");
});

test("deltas that were lost leave the call without a preview until its part is whole", async () => {
  const stage = new Stage({ session: "s1" });
  await stage.settle();
  const input = { file_path: "/home/me/project/c.ts", content: numbered(4) };
  const text = JSON.stringify(input);
  stage.event({ kind: "turn.started", data: { turn: turn("t1", "running") } });
  stage.delta("m1", "m1:0", 0, text.slice(0, 10), "tool_call", { call: "c1", name: "write" });
  stage.paint();
  stage.delta("m1", "m1:0", 60, text.slice(60, 70), "tool_call");
  expect(stage.paint()).toContain("○ Write\n");
  finish(stage, "write", input);
  expect(stage.paint()).toContain("Write c.ts  4 lines · running\n");
});

test("a session that is opened while a call is being written shows what there is, and goes on", async () => {
  const text = JSON.stringify({ file_path: "/home/me/project/e.ts", content: numbered(20) });
  const part = { id: "m1:0", index: 0, kind: "tool_call" as const, call: "c1", name: "write", input: text.slice(0, 300), incomplete: true };
  const stage = new Stage({
    session: "s1",
    rows: 40,
    messages: [assistant("m1", "t1", { parts: [part] })],
    turns: [turn("t1", "running")],
  });
  const linesIn = (units: number): string => `${text.slice(0, units).split("\\n").length} lines`;
  expect(await stage.settle()).toContain(`○ Write e.ts  ${linesIn(300)}\n`);
  stage.delta("m1", "m1:0", 290, text.slice(290, 400), "tool_call");
  expect(stage.paint()).toContain(`○ Write e.ts  ${linesIn(400)}\n`);
  stage.delta("m1", "m1:0", 400, text.slice(400), "tool_call");
  expect(stage.paint()).toContain("+ const line20 = 19;");
});

test("opened while it streams, a call shows more of what it is writing", async () => {
  const stage = new Stage({ session: "s1", rows: 40 });
  await stage.settle();
  for (const _ of stream(stage, "write", { file_path: "f.ts", content: numbered(25) }, 40));
  expect(stage.paint()).not.toContain("line2 =");
  const row = stage.surface.lines.findIndex((line) => line.includes("Write"));
  const screen = await stage.type(`\x1b[<0;5;${row + 1}M\x1b[<0;5;${row + 1}m`);
  expect(screen).toContain("+ const line1 = 0;");
  expect(screen).toContain("+ const line25 = 24;");
});

test("a call that was cut keeps in its header what was read of it", async () => {
  const stage = new Stage({ session: "s1" });
  await stage.settle();
  const part = { id: "m1:0", index: 0, kind: "tool_call" as const, call: "c1", name: "write", incomplete: true };
  stage.event({ kind: "turn.started", data: { turn: turn("t1", "running") } });
  stage.event({ kind: "message.created", data: { message: assistant("m1", "t1") } });
  stage.event({ kind: "part.finished", data: { message: "m1", part: { ...part, input: '{"file_path":"d.ts","content":"half of' } } });
  stage.event({ kind: "turn.completed", data: { turn: turn("t1", "interrupted") } });
  expect(stage.paint()).toContain("○ Write d.ts  no result\n");
});

const context = (width = 60): LayoutContext => ({ width, theme: dark, workspace: "/w" });
const partOf = (name: string): PartState => ({
  id: "p",
  index: 0,
  kind: "tool_call",
  pieces: [],
  length: 0,
  start: 0,
  call: "c",
  name,
  done: undefined,
  startedAt: 0,
  finishedAt: undefined,
  version: 0,
  epoch: 0,
});
function push(part: PartState, piece: string): void {
  part.pieces.push(piece);
  part.length += piece.length;
  part.version++;
}
const rowsOf = (stream: CallStream, width?: number): string[] =>
  stream.tail(context(width), 400).rows.map((row) => lineText(row, 0).trimEnd());

test("read after each piece, the rows are those of the whole read at once, at any width and after a change of it", () => {
  const content = fc.array(fc.oneof(fc.string({ unit: "grapheme", maxLength: 90 }), fc.constantFrom("\t", "\r\n", "\n", "  x", "")), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(content, content, fc.integer({ min: 1, max: 30 }), fc.integer({ min: 8, max: 70 }), (a, b, size, width) => {
      const text = JSON.stringify({ file_path: "x.ts", old_string: a.join("\n"), new_string: b.join("\n") });
      const [slow, whole] = [partOf("edit"), partOf("edit")];
      const [reader, once] = [new CallStream(slow), new CallStream(whole)];
      const units = [...text];
      for (let at = 0; at < units.length; at += size) {
        push(slow, units.slice(at, at + size).join(""));
        reader.input();
        rowsOf(reader, width);
      }
      push(whole, text);
      expect(rowsOf(reader, width)).toEqual(rowsOf(once, width));
      expect(rowsOf(reader, width + 5)).toEqual(rowsOf(new CallStream(whole), width + 5));
      expect(reader.input()).toEqual(once.input());
    }),
    { numRuns: 60 },
  );
});

test("a delta lays out its line and no more, however much came before, also of a line without an end", () => {
  const work = (before: string, line: string): number => {
    const part = partOf("write");
    const stream = new CallStream(part);
    push(part, `{"file_path":"a.ts","content":"${before}`);
    rowsOf(stream);
    const from = layoutCounters.characters;
    for (let i = 0; i < 200; i++) {
      push(part, line.slice((i * 4) % line.length, ((i * 4) % line.length) + 4));
      rowsOf(stream);
    }
    return layoutCounters.characters - from;
  };
  const line = `${"const a1 = b; ".repeat(3)}\\n\\n`.padEnd(48, " ");
  const lines = `${line}\\n`;
  expect(work(lines.repeat(2_000), line)).toBe(work(lines.repeat(2), line));
  expect(work(lines.repeat(2_000), line)).toBeLessThan(200 * 60);
  const endless = work("x".repeat(50_000), "yyyy");
  expect(endless).toBeLessThan(200 * 2_100);
});
