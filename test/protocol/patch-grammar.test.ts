import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkPatch } from "../../src/protocol/index.ts";
import { openTerminal } from "../support/terminal-oracle.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const esc = "\x1b";
const csi = "\x1b[";

describe("accepted", () => {
  test.each([
    ["nothing", ""],
    ["text", "plain text, ünïcode, 漢字, 👨‍👩‍👧‍👦, e\u0301, ❤️, \ufffd"],
    ["absolute and relative moves", `${csi}H${csi}5H${csi}5;7H${csi}12d${csi}4G${csi}A${csi}2B${csi}3C${csi}4D`],
    ["styles", `${csi}1;3;4m${csi}38;5;200;48;2;1;2;255mx${csi}22;39m${csi}0m${csi}97;104mx${csi}m`],
    ["erasing", `${csi}J${csi}2J${csi}K${csi}1K${csi}7X`],
    ["repeating", `─${csi}199b`],
    ["inserting, deleting, scrolling", `${csi}@${csi}2P${csi}3L${csi}M${csi}S${csi}4T${csi}2;9r${csi}S${csi}r`],
    ["the cursor and synchronized output", `${csi}?2026h${csi}?25lx${csi}?25h${csi}?2026l`],
    ["links", `${esc}]8;;https://example.org/a?b=1;2${esc}\\text${esc}]8;;${esc}\\${esc}]8;;file:///tmp/x${esc}\\x${esc}]8;;${esc}\\`],
    ["line feeds of inline mode", `${csi}24H\r\n\r\n`],
  ])("%s", (_, text) => {
    expect(checkPatch(encode(text))).toEqual({ ok: true });
  });
});

describe("refused, where it begins and with a reason", () => {
  const hostile: [string, string | Uint8Array][] = [
    ["bell", "\x07"],
    ["backspace", "\b"],
    ["tab", "\t"],
    ["shift out", "\x0e"],
    ["a line feed alone", "\n"],
    ["a carriage return alone", "\rx"],
    ["delete", "\x7f"],
    ["C1 control as UTF-8", "\u009b2J"],
    ["C1 control as a byte", Uint8Array.of(0x9b, 0x32, 0x4a)],
    ["title", `${esc}]0;x\x07`],
    ["title, ended by ST", `${esc}]2;x${esc}\\`],
    ["clipboard", `${esc}]52;c;aGk=${esc}\\`],
    ["clipboard read", `${esc}]52;c;?\x07`],
    ["notification", `${esc}]9;x${esc}\\`],
    ["working directory", `${esc}]7;file:///x${esc}\\`],
    ["palette", `${esc}]4;1;?${esc}\\`],
    ["iTerm2", `${esc}]1337;SetMark${esc}\\`],
    ["a link ended by a bell", `${esc}]8;;https://x/\x07`],
    ["a link with parameters", `${esc}]8;id=1;https://x/${esc}\\${esc}]8;;${esc}\\`],
    ["a script as a link", `${esc}]8;;javascript:alert(1)${esc}\\x${esc}]8;;${esc}\\`],
    ["ssh as a link", `${esc}]8;;ssh://x${esc}\\x${esc}]8;;${esc}\\`],
    ["upper case is no known scheme", `${esc}]8;;HTTPS://x${esc}\\x${esc}]8;;${esc}\\`],
    ["a link with a space", `${esc}]8;;https://x/ y${esc}\\x${esc}]8;;${esc}\\`],
    ["a link that swallows an escape sequence", `${esc}]8;;https://x${esc}]0;t${esc}\\`],
    ["a link of 2,000 bytes", `${esc}]8;;https://${"x".repeat(2_000)}${esc}\\${esc}]8;;${esc}\\`],
    ["device control string", `${esc}P+q544e${esc}\\`],
    ["application program command", `${esc}_Gx${esc}\\`],
    ["privacy message", `${esc}^x${esc}\\`],
    ["start of string", `${esc}Xx${esc}\\`],
    ["cursor position query", `${csi}6n`],
    ["device attributes query", `${csi}c`],
    ["secondary device attributes", `${csi}>c`],
    ["window report", `${csi}18t`],
    ["mode query", `${csi}?2026$p`],
    ["alternate screen", `${csi}?1049h`],
    ["mouse", `${csi}?1003h`],
    ["bracketed paste", `${csi}?2004h`],
    ["two modes at once", `${csi}?25;1049h`],
    ["insert mode", `${csi}4h`],
    ["kitty keyboard", `${csi}>1u`],
    ["erasing the scrollback", `${csi}3J`],
    ["soft reset", `${csi}!p`],
    ["hard reset", `${esc}c`],
    ["cursor shape", `${csi}2 q`],
    ["save cursor", `${esc}7`],
    ["save cursor, ANSI", `${csi}s`],
    ["charset", `${esc}(0`],
    ["index", `${esc}D`],
    ["keypad", `${esc}=`],
    ["tab stops", `${csi}3g`],
    ["media copy", `${csi}5i`],
    ["highlight tracking", `${csi}1;2;3;4;5T`],
    ["sub-parameters", `${csi}4:3m`],
    ["a style nobody knows", `${csi}58;5;1mx${csi}m`],
    ["an RGB style cut short", `${csi}38;2;1;2mx${csi}m`],
    ["a colour beyond 255", `${csi}38;5;256mx${csi}m`],
    ["a number of five digits", `x${csi}99999b`],
    ["a million repetitions", `x${csi}999b`.repeat(1_001)],
    ["a repetition of nothing", `${csi}H${csi}5b`],
    ["a control inside a control", `${csi}1\x0812H`],
    ["a cut control sequence", `${csi}12`],
    ["escape alone", esc],
    ["bidi override", "a\u202eb"],
    ["bidi isolate", "a\u2066b"],
    ["right-to-left mark", "\u200f"],
    ["zero-width space", "a\u200bb"],
    ["byte order mark", "\ufeff"],
    ["tags", "a\u{e0041}"],
    ["line separator", "\u2028"],
    ["a noncharacter", "\uffff"],
    ["overlong UTF-8", Uint8Array.of(0xc0, 0x9b)],
    ["overlong UTF-8 of three", Uint8Array.of(0xe0, 0x82, 0x9b)],
    ["a surrogate", Uint8Array.of(0xed, 0xa0, 0x80)],
    ["beyond Unicode", Uint8Array.of(0xf4, 0x90, 0x80, 0x80)],
    ["cut UTF-8", Uint8Array.of(0xe6, 0xbc)],
    ["a stray continuation", Uint8Array.of(0x41, 0xa0)],
  ];
  test.each(hostile)("%s", (_, input) => {
    const bytes = typeof input === "string" ? encode(input) : input;
    for (const prefix of ["", "harmless ", `${csi}5;5Hx`]) {
      const before = encode(prefix);
      const check = checkPatch(Uint8Array.of(...before, ...bytes));
      expect(check.ok).toBe(false);
      if (check.ok) return;
      expect(check.why).not.toBe("");
      expect(check.at).toBeGreaterThanOrEqual(bytes.length > 3_000 ? 0 : before.length);
    }
  });

  test.each([
    ["a style", `${csi}31mx`],
    ["a link", `${esc}]8;;https://x/${esc}\\x`],
    ["margins", `${csi}2;5r`],
    ["synchronized output", `${csi}?2026hx`],
  ])("%s left behind at the end", (_, text) => {
    expect(checkPatch(encode(text))).toMatchObject({ ok: false, at: text.length });
  });
});

/** Bytes that look like terminal traffic: pieces of sequences, cut and glued at random. */
const pieces = fc.oneof(
  fc.constantFrom(
    esc,
    csi,
    "\x9b",
    "\u009b",
    "[",
    "]",
    "]8;;",
    "]0;",
    "]52;c;",
    "P",
    "_",
    "\\",
    `${esc}\\`,
    "\x07",
    "?",
    ">",
    "!",
    " ",
    "$",
    ";",
    ":",
    "0",
    "1",
    "2",
    "25",
    "38;5;1",
    "48;2;1;2;3",
    "1049",
    "2026",
    "1000",
    "2004",
    "H",
    "J",
    "K",
    "m",
    "h",
    "l",
    "r",
    "b",
    "n",
    "c",
    "p",
    "q",
    "t",
    "u",
    "s",
    "X",
    "@",
    "L",
    "S",
    "T",
    "\r\n",
    "\r",
    "\n",
    "\t",
    "text",
    "漢",
    "👍",
    "e\u0301",
    "https://x/",
    "file:///",
    `${csi}m`,
    `${csi}r`,
    `${csi}?2026l`,
    `${esc}]8;;${esc}\\`,
    `${csi}31m`,
    `${csi}2;4r`,
    `${csi}?25l`,
    `${csi}?2026h`,
    `${esc}]8;;http://a${esc}\\`,
    `${csi}5;5H`,
  ),
  fc.string({ maxLength: 3 }),
);
const text = fc.array(pieces, { maxLength: 14 }).map((list) => encode(list.join("")));
const mutated = fc.tuple(text, fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 2 })).map(([bytes, changes]) => {
  const copy = bytes.slice();
  for (const [at, byte] of changes) if (at < copy.length) copy[at] = byte;
  return copy;
});

test("whatever is accepted leaves title, modes, clipboard, margins, style and answers as they were, and the terminal at rest", () => {
  let accepted = 0;
  const terminal = openTerminal({ cols: 30, rows: 8 });
  fc.assert(
    fc.property(mutated, (bytes) => {
      if (!checkPatch(bytes).ok) return;
      accepted++;
      const { modes: modesBefore, ...before } = terminal.state();
      terminal.write(bytes);
      const { modes, ...after } = terminal.state();
      expect(after).toEqual(before);
      expect(modes).toEqual(modesBefore);
      // No sequence is half open: the next character is shown as itself.
      terminal.write(`${csi}HX`);
      expect(terminal.cell(0, 0).char).toBe("X");
    }),
    { numRuns: 4_000 },
  );
  expect(accepted).toBeGreaterThan(100);
});

test("any bytes at all are answered without an exception, and an offence lies within them", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const check = checkPatch(bytes);
      if (!check.ok) expect(check.at).toBeLessThanOrEqual(bytes.length);
    }),
    { numRuns: 3_000 },
  );
});
