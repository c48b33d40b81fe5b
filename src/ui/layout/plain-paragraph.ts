import type { Style } from "../../contracts/view.ts";
import { blank, type Line } from "./line.ts";
import { wrap } from "./wrap.ts";

// What no rule of markdown looks at: letters, digits, single blanks and the punctuation of prose. It begins with a letter (no list,
// heading, rule or fence), has no line end (no table, no second kind of heading), and no / or @ (no address).
const letters = "A-Za-z\u00c0-\u052f\u3041-\u9fff\uac00-\ud7a3";
const start = new RegExp(`^[${letters}]`);
// Of emoji those of one code point: a longer cluster can become narrower while it grows.
const prose = new RegExp(`^[${letters}0-9 .,;:()'"?!%$=+\u2010-\u201f\u2026\u3001\u3002\u{1f300}-\u{1f3fa}\u{1f400}-\u{1faff}-]*$`, "u");
const suspect = / {2}|www\./i;

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
    if (known > 0 ? !source.startsWith(this.source) : !start.test(source)) return false;
    if (!prose.test(known > 0 ? source.slice(known) : source) || suspect.test(source.slice(Math.max(0, known - 4)))) return false;
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
