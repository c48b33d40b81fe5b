import { graphemesOf } from "../layout/measure.ts";

/** Text and where the next character goes: a UTF-16 offset that stands between graphemes. */
export type Buffer = { readonly text: string; readonly cursor: number };

/** Graphemes are looked for this far back: no grapheme that anybody types is longer. */
const lookBack = 256;

export const emptyBuffer: Buffer = { text: "", cursor: 0 };

/** (A negative start of lastIndexOf counts as 0, so the text's start needs a case of its own.) */
const lineStart = (text: string, at: number): number => (at === 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1);
function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

function previousGrapheme(text: string, at: number): number {
  if (at <= 0) return 0;
  if (text[at - 1] === "\n") return at - 1;
  const from = Math.max(lineStart(text, at), at - lookBack);
  const last = graphemesOf(text.slice(from, at)).at(-1);
  return at - (last?.text.length ?? 1);
}

function nextGrapheme(text: string, at: number): number {
  if (at >= text.length) return text.length;
  if (text[at] === "\n") return at + 1;
  const first = graphemesOf(text.slice(at, Math.min(lineEnd(text, at), at + lookBack)))[0];
  return at + (first?.text.length ?? 1);
}

const wordChar = /[\p{L}\p{N}\p{M}_]/u;

function charBefore(text: string, at: number): string {
  return text.slice(previousGrapheme(text, at), at);
}

function charAfter(text: string, at: number): string {
  return text.slice(at, nextGrapheme(text, at));
}

/** Start of the word before `at`: over blanks and punctuation, then over the word. */
function wordLeft(text: string, at: number): number {
  let i = at;
  while (i > 0 && !wordChar.test(charBefore(text, i))) i = previousGrapheme(text, i);
  while (i > 0 && wordChar.test(charBefore(text, i))) i = previousGrapheme(text, i);
  return i;
}

function wordRight(text: string, at: number): number {
  let i = at;
  while (i < text.length && !wordChar.test(charAfter(text, i))) i = nextGrapheme(text, i);
  while (i < text.length && wordChar.test(charAfter(text, i))) i = nextGrapheme(text, i);
  return i;
}

export function insert(buffer: Buffer, text: string): Buffer {
  return { text: buffer.text.slice(0, buffer.cursor) + text + buffer.text.slice(buffer.cursor), cursor: buffer.cursor + text.length };
}

/** Deletes between the cursor and `to`. */
function deleteTo(buffer: Buffer, to: number): Buffer {
  const from = Math.min(buffer.cursor, to);
  return { text: buffer.text.slice(0, from) + buffer.text.slice(Math.max(buffer.cursor, to)), cursor: from };
}

export function moveTo(buffer: Buffer, to: number): Buffer {
  return { text: buffer.text, cursor: Math.max(0, Math.min(buffer.text.length, to)) };
}

/** Edits by name: what a key binding can ask of a buffer. Each is pure. */
export const edits = {
  left: (b: Buffer) => moveTo(b, previousGrapheme(b.text, b.cursor)),
  right: (b: Buffer) => moveTo(b, nextGrapheme(b.text, b.cursor)),
  wordLeft: (b: Buffer) => moveTo(b, wordLeft(b.text, b.cursor)),
  wordRight: (b: Buffer) => moveTo(b, wordRight(b.text, b.cursor)),
  lineStart: (b: Buffer) => moveTo(b, lineStart(b.text, b.cursor)),
  lineEnd: (b: Buffer) => moveTo(b, lineEnd(b.text, b.cursor)),
  textStart: (b: Buffer) => moveTo(b, 0),
  textEnd: (b: Buffer) => moveTo(b, b.text.length),
  deleteBack: (b: Buffer) => deleteTo(b, previousGrapheme(b.text, b.cursor)),
  deleteForward: (b: Buffer) => deleteTo(b, nextGrapheme(b.text, b.cursor)),
  deleteWordBack: (b: Buffer) => deleteTo(b, wordLeft(b.text, b.cursor)),
  deleteWordForward: (b: Buffer) => deleteTo(b, wordRight(b.text, b.cursor)),
  killToLineStart: (b: Buffer) =>
    deleteTo(b, b.cursor === lineStart(b.text, b.cursor) ? Math.max(0, b.cursor - 1) : lineStart(b.text, b.cursor)),
  killToLineEnd: (b: Buffer) =>
    deleteTo(b, b.cursor === lineEnd(b.text, b.cursor) ? Math.min(b.text.length, b.cursor + 1) : lineEnd(b.text, b.cursor)),
  newline: (b: Buffer) => insert(b, "\n"),
} as const satisfies { readonly [name: string]: (buffer: Buffer) => Buffer };

export type EditName = keyof typeof edits;
