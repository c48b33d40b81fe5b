import fc from "fast-check";
import { expect, test } from "vitest";
import { replaceIn } from "../../src/tools/shared/replace.ts";

const piece = fc.string({ unit: fc.constantFrom("a", "b", " ", "\t", "\n", "$", "é", "😀") });

test("an edit that fits one place equals a plain replacement there", () => {
  fc.assert(
    fc.property(
      piece,
      fc.string({ unit: fc.constantFrom("x", "y", "\n", " "), minLength: 1 }),
      piece,
      piece,
      (before, middle, after, replacement) => {
        const old = `<${middle}>`;
        const text = before + old + after;
        fc.pre(replacement !== old);
        expect(replaceIn(text, { old_string: old, new_string: replacement })).toEqual({ text: before + replacement + after, count: 1 });
      },
    ),
  );
});

test("replace_all equals a split and join", () => {
  fc.assert(
    fc.property(fc.array(piece, { minLength: 2, maxLength: 6 }), piece, (pieces, replacement) => {
      expect(replaceIn(pieces.join("@@"), { old_string: "@@", new_string: replacement, replace_all: true })).toEqual({
        text: pieces.join(replacement),
        count: pieces.length - 1,
      });
    }),
  );
});

test("the same edit of a CRLF file is the LF edit with CRLF endings", () => {
  const lines = fc
    .array(fc.string({ unit: fc.constantFrom("a", "b", " ", "\t", "😀"), maxLength: 5 }), { minLength: 1, maxLength: 6 })
    .map((all) => all.join("\n"));
  fc.assert(
    fc.property(lines, lines, lines, lines, (before, middle, after, replacement) => {
      const old = `<${middle}>`;
      const crlf = (text: string) => text.replaceAll("\n", "\r\n");
      const text = `${before}\n${old}\n${after}\n`;
      const edit = { old_string: old, new_string: replacement };
      const expected = replaceIn(text, edit);
      fc.pre("text" in expected);
      expect(replaceIn(crlf(text), edit)).toEqual({ ...expected, text: crlf((expected as { text: string }).text) });
      expect(replaceIn(crlf(text), { old_string: crlf(old), new_string: crlf(replacement) })).toEqual({
        ...expected,
        text: crlf((expected as { text: string }).text),
      });
    }),
  );
});

test("whatever is asked, lines outside of the place stay as they are", () => {
  const line = fc.string({ unit: fc.constantFrom("a", "b", " ", "\t"), maxLength: 6 });
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 8 }),
      fc.array(line, { minLength: 1, maxLength: 3 }),
      fc.array(line, { maxLength: 8 }),
      fc.array(line, { maxLength: 3 }),
      (before, wanted, after, replacement) => {
        const marked = wanted.map((one) => `\t\tK ${one}`);
        const text = [...before, ...marked, ...after].join("\n");
        const result = replaceIn(text, { old_string: wanted.map((one) => `  K   ${one}`).join("\n"), new_string: replacement.join("\n") });
        if ("error" in result) return;
        expect(result.text.startsWith(before.map((one) => `${one}\n`).join(""))).toBe(true);
        expect(result.text.endsWith(after.map((one) => `\n${one}`).join(""))).toBe(true);
      },
    ),
  );
});

test("white space is ignored only when exactly one place fits", () => {
  expect(replaceIn("  foo\n\tfoo\n", { old_string: "    foo", new_string: "bar" })).toEqual({
    error: expect.stringContaining("fits 2 places"),
  });
  expect(replaceIn("\n\n\n", { old_string: "  \n", new_string: "x" })).toEqual({ error: expect.stringContaining("not found") });
});

test("what white space changes is kept where the model wrote spaces for tabs, tabs for spaces, or one level less", () => {
  const tabs = replaceIn("\tif a:\n\t\tb()\n", { old_string: "if a:\n    b()\n", new_string: "if a:\n    b()\n    c()\n" });
  expect(tabs).toMatchObject({ text: "\tif a:\n\t\tb()\n\t\tc()\n" });
  const spaces = replaceIn("  if a:\n    b()\n", { old_string: "\tif a:\n\t\tb()\n", new_string: "\tif a:\n\t\tb()\n\t\t\tc()\n" });
  expect(spaces).toMatchObject({ text: "  if a:\n    b()\n      c()\n" });
  const outer = replaceIn("class X:\n        def f(self):\n            pass\n", {
    old_string: "    def f(self):\n        pass",
    new_string: "def f(self):\n    return 1",
  });
  expect(outer).toMatchObject({ text: "class X:\n    def f(self):\n        return 1\n" });
});
