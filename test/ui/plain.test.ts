import fc from "fast-check";
import { expect, test } from "vitest";
import { checkPatch } from "../../src/protocol/index.ts";
import { openPlainStage } from "../../src/session/screen/plain.ts";
import { LineReader } from "../../src/ui/plain/line-reader.ts";
import { assistant, permission, Stage, turn } from "./support.ts";

// The view in plain mode: what it says, and when.

const started = async (more: ConstructorParameters<typeof Stage>[0] = {}): Promise<Stage> => {
  const stage = new Stage({ session: "s1", mode: "plain", ...more });
  await stage.settle();
  return stage.event({ kind: "turn.started", data: { turn: turn("t1", "running") } });
};
const said = async (stage: Stage): Promise<string> => {
  await stage.settle();
  return stage.committed.join("\n");
};

test("however a text is cut into deltas, it is said once, whole and in order", async () => {
  const text = "First of it. Second, longer.\n\n- a list: 漢字 🙂\n- more of it\n\nThe end of it without a line feed";
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), async (cuts) => {
      const stage = await started();
      stage.event({ kind: "message.created", data: { message: assistant("m1", "t1") } });
      let at = 0;
      for (let i = 0; at < text.length; i++) {
        const piece = text.slice(at, at + cuts[i % cuts.length]!);
        stage.delta("m1", "p1", at, piece);
        at += piece.length;
        if (i % 2 === 0) stage.paint();
      }
      const part = { id: "p1", index: 0, kind: "text" as const, text };
      stage.event({ kind: "part.finished", data: { message: "m1", part } });
      stage.event({ kind: "message.finished", data: { message: assistant("m1", "t1", { finishedAt: 2, parts: [part] }) } });
      expect(await said(stage)).toContain(`Answer: ${text}`);
      stage.event({ kind: "message.finished", data: { message: assistant("m1", "t1", { finishedAt: 2, parts: [part] }) } });
      expect((await said(stage)).split("First of it")).toHaveLength(2);
    }),
    { numRuns: 40 },
  );
});

test("a long sentence streams by sentences, and nothing runs on a timer while it does", async () => {
  const stage = await started();
  stage.event({ kind: "message.created", data: { message: assistant("m1", "t1") } });
  const sentence = `${"word ".repeat(40)}ends. `;
  stage.delta("m1", "p1", 0, sentence);
  expect(await said(stage)).not.toContain("ends.");
  stage.delta("m1", "p1", sentence.length, "Next");
  expect(await said(stage)).toContain("ends.");
  expect(stage.committed.join("")).not.toContain("Next");
  expect(stage.host.timersRunning).toBe(0);
});

test("a permission is asked by numbers; somebody else's answer takes the question away", async () => {
  const stage = await started();
  stage.event({ kind: "permission.asked", data: { permission: permission() } });
  const text = await said(stage);
  expect(text).toMatch(/Permission asked: Bash, execute\.\nrm -rf build\nWhy it is asked: removes files\n1\. Allow once\n/);
  await stage.type("7\n");
  await stage.type("a\n");
  expect(stage.host.requests.some(({ method }) => method === "permission.resolve")).toBe(false);
  stage.event({ kind: "permission.resolved", data: { permission: permission({ state: "denied" }) } });
  expect(await said(stage)).toContain("It was answered.");
  expect(stage.host.requests.some(({ method }) => method === "permission.resolve")).toBe(false);
});

test("questions are answered one after the other, by numbers or words", async () => {
  const questions = [
    { kind: "multi_choice" as const, question: "Which?", choices: ["One", "Two", "Three"].map((label) => ({ id: label, label })) },
    { kind: "yes_no" as const, question: "Sure?" },
    { kind: "free_text" as const, question: "Why?" },
  ];
  const stage = await started({ replies: { "question.answer": () => ({ permission: permission({ state: "allowed" }) }) } });
  stage.event({ kind: "permission.asked", data: { permission: permission({ action: "question", questions }) } });
  for (const line of ["1 3\n", "2\n", "because\n"]) await stage.type(line);
  expect(stage.host.requests.find(({ method }) => method === "question.answer")?.params).toEqual({
    question: permission().id,
    answers: [{ choices: ["One", "Three"] }, { choices: ["no"] }, { text: "because" }],
  });
});

test("lines come whole, however their bytes are cut; a backslash goes on, several at once are one", () => {
  const lines = (pieces: Uint8Array[]): string[] => {
    const got: string[] = [];
    const reader = new LineReader({ line: (text) => got.push(text), interrupt: () => got.push("^C") });
    for (const piece of pieces) reader.feed(piece);
    return got;
  };
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const line = text.replaceAll(/[\u0000-\u001f\u007f\\]/g, "");
      const cut = [...bytes(`${line}\n`)].map((byte) => Uint8Array.of(byte));
      expect(lines(cut)).toEqual([line]);
    }),
  );
  expect(lines([bytes("one\\\n"), bytes("two\n")])).toEqual(["one\ntwo"]);
  expect(lines([bytes("one\ntwo\n")])).toEqual(["one\ntwo"]);
  expect(lines([bytes("half"), bytes("\x03"), bytes("new\n")])).toEqual(["^C", "new"]);
  expect(lines([bytes("secrat\x7f\x7fet\r")])).toEqual(["secret"]);
});

test("whatever a line holds, its patch is of the grammar and has no control sequence", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" })), (texts) => {
      const stage = openPlainStage();
      stage.take({
        cursor: { row: 0, col: 0, visible: true },
        commit: texts.map((text) => ({ spans: [{ text, style: { fg: 0, bg: 0, attrs: 0 } }] })),
        prompt: texts[0] ?? "",
      });
      const patch = stage.render();
      expect(checkPatch(patch)).toEqual({ ok: true });
      expect(patch.includes(0x1b)).toBe(false);
    }),
  );
});
