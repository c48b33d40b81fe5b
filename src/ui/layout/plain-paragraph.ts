import type { Style } from "../../contracts/view.ts";
import { blank, type Line } from "./line.ts";
import { wrap } from "./wrap.ts";

// What no rule of markdown looks at: letters, digits, single blanks and the punctuation of prose. It begins with a letter (no list,
// heading, rule or fence), has no line end (no table, no second kind of heading), and no / or @ (no address). Told by a table and
// not by a pattern, because a pattern of all this takes 8 ms to compile.
const letter = 1;
const prose = 2;
const ascii = new Uint8Array(128);
for (const char of " .,;:()'\"?!%$=+-0123456789") ascii[char.charCodeAt(0)] = prose;
for (let code = 65; code < 91; code++) ascii[code] = ascii[code + 32] = letter;

function kindOf(code: number): number {
  if (code < 0x80) return ascii[code]!;
  // Letters of Latin, Greek and Cyrillic; kana and Han; Hangul.
  if ((code >= 0xc0 && code < 0x530) || (code >= 0x3041 && code < 0xa000) || (code >= 0xac00 && code < 0xd7a4)) return letter;
  // Dashes and quotes.
  if ((code >= 0x2010 && code < 0x2020) || code === 0x2026 || code === 0x3001 || code === 0x3002) return prose;
  // Emoji of one code point, without the tones of skin: a longer cluster can become narrower while it grows.
  return (code >= 0x1f300 && code < 0x1f3fb) || (code >= 0x1f400 && code < 0x1fb00) ? prose : 0;
}

/** The full stop at `at` ends a www, in any case. */
function isAddress(source: string, at: number): boolean {
  for (let i = at - 3; i < at; i++) if ((source.charCodeAt(i) | 0x20) !== 0x77) return false;
  return true;
}

/** True when all from `from` on is plain, seen together with the last characters before. */
function isPlain(source: string, from: number): boolean {
  if (from === 0 && kindOf(source.codePointAt(0)!) !== letter) return false;
  let before = from === 0 ? 0 : source.charCodeAt(from - 1);
  for (let at = from; at < source.length; at++) {
    const code = source.codePointAt(at)!;
    if (kindOf(code) === 0 || (code === 0x20 && before === 0x20)) return false;
    if (code === 0x2e && isAddress(source, at)) return false;
    if (code > 0xffff) at++;
    before = code;
  }
  return true;
}

/**
 * A paragraph of plain prose that grows: it needs no lexer, and only its last line is wrapped again. The lines equal those of
 * markdownLines for the same source (test/ui/markdown.test.ts compares them).
 */
export class PlainParagraph {
  /** With the blank line before it, if there is one. The same array as it grows. */
  readonly lines: Line[];
  private readonly width: number;
  private readonly style: Style;
  private readonly first: number;
  private source = "";
  /** Where the last line begins in the source. */
  private last = 0;

  constructor(width: number, style: Style, spaced: boolean) {
    this.width = width;
    this.style = style;
    this.lines = spaced ? [blank] : [];
    this.first = this.lines.length;
  }

  /**
   * Takes the whole source, which goes on from the one before.
   * @returns false when it is not, or no longer, plain: then this paragraph is of no use
   */
  take(source: string): boolean {
    const known = this.source.length;
    if (source === "" || !source.startsWith(this.source) || !isPlain(source, known)) return false;
    this.source = source;
    const open = this.lines.length > this.first ? this.lines.pop()! : undefined;
    const fresh = wrap([{ text: source.slice(this.last), style: this.style }], this.width);
    // The first of them is the line that was open: how it follows the one before has been decided.
    if (open?.soft) fresh[0] = { ...fresh[0]!, soft: open.soft };
    for (let i = 0; i < fresh.length; i++) {
      if (i > 0) this.last += fresh[i - 1]!.spans.reduce((sum, span) => sum + span.text.length, 0) + (fresh[i]!.soft === "blank" ? 1 : 0);
      this.lines.push(fresh[i]!);
    }
    return true;
  }
}
