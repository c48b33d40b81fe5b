import fc from "fast-check";
import { expect, test } from "vitest";
import { createInputDecoder, type InputEvent, strokeName } from "../../src/terminal/input/index.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (input: string | Uint8Array): InputEvent[] => {
  const decoder = createInputDecoder();
  const events = decoder.feed(typeof input === "string" ? bytes(input) : input);
  return [...events, ...decoder.flush()];
};
const strokes = (input: string): string[] => decode(input).map((event) => (event.type === "key" ? strokeName(event) : event.type));

test.each([
  ["abc", ["a", "b", "c"]],
  ["é漢👍", ["é", "漢", "👍"]],
  ["\r\t\x7f\x08 ", ["enter", "tab", "backspace", "backspace", "space"]],
  ["\x03\x0a\x00\x1f", ["ctrl+c", "ctrl+j", "ctrl+space", "ctrl+_"]],
  ["\x1b[A\x1bOB\x1b[1;5C\x1b[1;2D\x1b[1;4F", ["up", "down", "ctrl+right", "shift+left", "alt+shift+end"]],
  ["\x1b[3~\x1b[5~\x1b[6;5~\x1b[15~\x1bOP\x1b[24~", ["delete", "pageup", "ctrl+pagedown", "f5", "f1", "f12"]],
  ["\x1b[Z", ["shift+tab"]],
  ["\x1bb\x1b\x7f\x1bé\x1b\r", ["alt+b", "alt+backspace", "alt+é", "alt+enter"]],
  ["J", ["J"]],
  // kitty keyboard protocol and xterm's modifyOtherKeys
  ["\x1b[13;2u\x1b[27u\x1b[109;5u\x1b[106;2u", ["shift+enter", "escape", "ctrl+m", "J"]],
  ["\x1b[27;2;13~\x1b[27;5;9~", ["shift+enter", "ctrl+tab"]],
  ["\x1b[97;1:3u\x1b[97;5:1u", ["ctrl+a"]],
  ["\x1b[57441u\x1b[57376u", ["f13"]],
  ["\x1b[57414;1u\x1bOM\x1bOp", ["enter", "enter", "0"]],
  // a lone ESC, twice, and before something that is no sequence
  ["\x1b", ["escape"]],
  ["\x1b\x1b", ["escape", "escape"]],
  ["\x1b\x1b[A", ["escape", "up"]],
  ["\x1b[", ["alt+["]],
  ["\x1bO", ["alt+O"]],
  // answers of a terminal are no keys
  ["\x1b[?62;22c\x1b[?1u\x1b]11;rgb:0000/0000/0000\x07\x1bP>|term\x1b\\x", ["x"]],
  ["\x1b[M !!x", ["x"]],
])("%j is %j", (input, expected) => {
  expect(strokes(input)).toEqual(expected);
});

test("a key with ctrl or alt types nothing, a plain one types itself", () => {
  expect(decode("a\x1ba")).toEqual([
    { type: "key", key: "a", text: "a", ctrl: false, alt: false, shift: false, meta: false },
    { type: "key", key: "a", ctrl: false, alt: true, shift: false, meta: false },
  ]);
});

test("mouse reports give zero-based cells, buttons, wheel notches and modifiers", () => {
  const mouse = (input: string): unknown =>
    decode(input).map((event) =>
      event.type === "mouse" ? [event.action, event.button, event.col, event.row, event.dx, event.dy, event.ctrl] : event,
    );
  expect(mouse("\x1b[<0;1;1M\x1b[<32;5;3M\x1b[<0;5;3m\x1b[<35;9;9M\x1b[<64;2;2M\x1b[<81;2;2M\x1b[<128;2;2M\x1b[<0;0;4M")).toEqual([
    ["press", "left", 0, 0, 0, 0, false],
    ["drag", "left", 4, 2, 0, 0, false],
    ["release", "left", 4, 2, 0, 0, false],
    ["move", "none", 8, 8, 0, 0, false],
    ["wheel", "none", 1, 1, 0, -1, false],
    ["wheel", "none", 1, 1, 0, 1, true],
  ]);
});

test("a paste keeps lines and tabs, and loses every other control character", () => {
  expect(decode("\x1b[200~a\r\nb\rc\td\x1b[31m\x07\u009b2J\x1b[20e\x1b\x1b[201~x")).toMatchObject([
    { type: "paste", text: "a\nb\nc\td[31m2J[20e", truncated: false },
    { type: "key", key: "x" },
  ]);
});

test("a paste beyond the size of a prompt is cut and says so", () => {
  const decoder = createInputDecoder();
  decoder.feed(bytes("\x1b[200~"));
  for (let i = 0; i < 3; i++) decoder.feed(new Uint8Array(1 << 20).fill(97));
  const [event] = decoder.feed(bytes("\x1b[201~"));
  expect(event).toMatchObject({ type: "paste", truncated: true });
});

test("focus reports are events of their own", () => {
  expect(decode("\x1b[I\x1b[O")).toEqual([
    { type: "focus", focused: true },
    { type: "focus", focused: false },
  ]);
});

const piece = fc.oneof(
  fc.constantFrom(
    "\x1b",
    "\x1b[",
    "\x1bO",
    "\x1b[A",
    "\x1b[1;5C",
    "\x1b[200~",
    "\x1b[201~",
    "\x1b[<0;3;4M",
    "\x1b[13;2u",
    "é",
    "👩‍👩‍👧",
    "\x1b]0;x\x07",
    "\x1b_x\x1b\\",
    "\x1b[M",
    "\x1bP",
  ),
  fc.string({ maxLength: 4 }),
);
const stream = fc.oneof(
  fc.array(piece, { maxLength: 20, size: "max" }).map((pieces) => bytes(pieces.join(""))),
  fc.uint8Array({ maxLength: 60, size: "max" }),
);

test("any cut of the same bytes gives the same events, and garbage never throws", () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat({ max: 80 }), { maxLength: 8 }), (input, cuts) => {
      const whole = decode(input);
      const decoder = createInputDecoder();
      const events: InputEvent[] = [];
      const at = [...new Set([0, ...cuts.filter((cut) => cut < input.length), input.length])].sort((a, b) => a - b);
      for (let i = 1; i < at.length; i++) events.push(...decoder.feed(input.subarray(at[i - 1]!, at[i]!)));
      events.push(...decoder.flush());
      expect(events).toEqual(whole);
    }),
    { numRuns: 400 },
  );
});
