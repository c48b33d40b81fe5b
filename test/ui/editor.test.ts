import fc from "fast-check";
import { expect, test } from "vitest";
import { type EditName, edits } from "../../src/ui/editor/buffer.ts";
import { Editor } from "../../src/ui/editor/editor.ts";
import { editorRows, offsetAt, placeOf } from "../../src/ui/editor/rows.ts";
import { graphemesOf, widthOf } from "../../src/ui/layout/measure.ts";

const none = (): undefined => undefined;
const alphabet = fc.constantFrom("a", "b", " ", "  ", "\n", ".", "漢", "👍🏽", "👩‍👩‍👧", "e\u0301", "word", "_x9");
const documents = fc.array(alphabet, { maxLength: 30, size: "max" }).map((parts) => parts.join(""));

/** The simplest model: an array of graphemes and an index. */
class Model {
  cells: string[] = [];
  at = 0;
  get text(): string {
    return this.cells.join("");
  }
  apply(name: string, typed: string): void {
    const { cells } = this;
    const letter = (cell: string | undefined): boolean => cell !== undefined && /[\p{L}\p{N}\p{M}_]/u.test(cell);
    const before = (test: (cell: string | undefined) => boolean, from: number): number => {
      let i = from;
      while (i > 0 && test(cells[i - 1])) i--;
      return i;
    };
    const after = (test: (cell: string | undefined) => boolean, from: number): number => {
      let i = from;
      while (i < cells.length && test(cells[i])) i++;
      return i;
    };
    const cut = (from: number, to: number): void => {
      cells.splice(from, to - from);
      this.at = from;
    };
    const noBreak = (cell: string | undefined): boolean => cell !== "\n";
    const notLetter = (cell: string | undefined): boolean => !letter(cell);
    switch (name) {
      case "type":
        cells.splice(this.at, 0, typed);
        this.at++;
        break;
      case "left":
        this.at = Math.max(0, this.at - 1);
        break;
      case "right":
        this.at = Math.min(cells.length, this.at + 1);
        break;
      case "lineStart":
        this.at = before(noBreak, this.at);
        break;
      case "lineEnd":
        this.at = after(noBreak, this.at);
        break;
      case "textStart":
        this.at = 0;
        break;
      case "textEnd":
        this.at = cells.length;
        break;
      case "wordLeft":
        this.at = before(letter, before(notLetter, this.at));
        break;
      case "wordRight":
        this.at = after(letter, after(notLetter, this.at));
        break;
      case "deleteBack":
        if (this.at > 0) cut(this.at - 1, this.at);
        break;
      case "deleteForward":
        if (this.at < cells.length) cut(this.at, this.at + 1);
        break;
      case "deleteWordBack":
        cut(before(letter, before(notLetter, this.at)), this.at);
        break;
      case "deleteWordForward":
        cut(this.at, after(letter, after(notLetter, this.at)));
        break;
      case "killToLineStart": {
        const from = before(noBreak, this.at);
        cut(from === this.at ? Math.max(0, from - 1) : from, this.at);
        break;
      }
      case "killToLineEnd": {
        const to = after(noBreak, this.at);
        cut(this.at, to === this.at ? Math.min(cells.length, to + 1) : to);
        break;
      }
      case "newline":
        this.apply("type", "\n");
        break;
    }
  }
}

const operation = fc.oneof(
  fc.tuple(fc.constant("type" as const), fc.constantFrom("a", "Z", "9", "_", " ", "-", "漢", "👍🏽", "👩‍👩‍👧", "é", "\n")),
  fc.tuple(fc.constantFrom(...(Object.keys(edits) as EditName[])), fc.constant("")),
);

test("any edits leave the same text and cursor as an array of graphemes", () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60, size: "max" }), (operations) => {
      const editor = new Editor();
      const model = new Model();
      for (const [name, typed] of operations) {
        if (name === "type") editor.type(typed);
        else editor.edit(name);
        model.apply(name, typed);
        expect(editor.text).toBe(model.text);
        expect(editor.cursor).toBe(model.cells.slice(0, model.at).join("").length);
      }
    }),
    { numRuns: 300 },
  );
});

test("every unit of a text is in exactly one row, no row is too wide, and each cursor has one place that leads back", () => {
  fc.assert(
    fc.property(documents, fc.integer({ min: 2, max: 12 }), (text, width) => {
      const rows = editorRows(text, width, none);
      let at = 0;
      for (const row of rows) {
        expect(row.width).toBeLessThanOrEqual(width);
        if (at !== row.start) expect(text.slice(at, row.start)).toBe("\n");
        at = row.end;
      }
      expect(at).toBe(text.length);
      let cursor = 0;
      const seen = new Set<string>();
      for (const grapheme of [...graphemesOf(text), { text: "", width: 0 }]) {
        const place = placeOf(rows, cursor);
        expect(offsetAt(rows, place.row, place.col)).toBe(cursor);
        const key = `${place.row},${place.col}`;
        expect(seen.has(key)).toBe(false);
        seen.add(key);
        cursor += grapheme.text.length;
      }
    }),
    { numRuns: 300 },
  );
});

test("rows break after blanks where that is possible", () => {
  expect(editorRows("hello brave world", 8, none).map((row) => row.cells.map((cell) => cell.text).join(""))).toEqual([
    "hello ",
    "brave ",
    "world",
  ]);
});

test("up and down keep the wished column over short rows", () => {
  const editor = new Editor();
  editor.rows(40);
  editor.set("long line here\nab\nanother long line");
  editor.vertical(-1);
  expect(editor.place()).toEqual({ row: 1, col: 2 });
  editor.vertical(-1);
  expect(editor.place()).toEqual({ row: 0, col: 14 });
});

test("a chip is one thing: it shows its size, is deleted at once, and expands when sent", () => {
  const editor = new Editor();
  editor.paste("x".repeat(5_000));
  expect(editor.rows(40)[0]!.cells[0]!.text).toBe("[pasted 5000 characters]");
  expect(widthOf(editor.expanded)).toBe(5_000);
  editor.edit("deleteBack");
  expect(editor.text).toBe("");
});

test("characters that would pass for chips are dropped from what is typed and pasted", () => {
  const editor = new Editor();
  editor.type("a\u{f0000}b");
  editor.paste("c\u{f0001}d");
  expect(editor.text).toBe("abcd");
});
