import type { Style } from "../../contracts/view.ts";
import { blank, type Line } from "./line.ts";
import { isAddress, kindOf, letter } from "./prose.ts";
import { wrap } from "./wrap.ts";

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
