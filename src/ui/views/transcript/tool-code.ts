import type { Language } from "../../code/languages.ts";
import type { CodeState } from "../../code/tokenize.ts";
import { codeSpans } from "../../layout/code-lines.ts";
import { fitLine, indented, type Line, line, span } from "../../layout/line.ts";
import { wrapHard } from "../../layout/wrap.ts";
import type { LayoutContext } from "./block.ts";

/** What happens to the text in a file, as a diff marks it; a blank is text that is no part of a file. */
export type Sign = "+" | "-" | " ";

/** Rows that are kept: as many as an opened block shows. */
const keptRowsMax = 400;
/** An unfinished line is laid out again with each delta; one that is longer than this is broken here, so that this cost is bounded. */
const openUnitsMax = 2_000;
const indent = 4;

/** Code that grows at its end: a finished line is laid out once, whatever comes after it. Only the last rows are kept. */
export class GrowingCode {
  readonly width: number;
  readonly context: LayoutContext;
  private readonly language: Language | undefined;
  private rows: Line[] = [];
  private open = "";
  /** The open line goes on one that was broken. */
  private isRest = false;
  private state: CodeState = 0;
  private sign: Sign = " ";
  private readonly ended: { [S in Sign]: number } = { "+": 0, "-": 0, " ": 0 };
  private openRows: Line[] | undefined;

  constructor(context: LayoutContext, language: Language | undefined) {
    this.width = context.width;
    this.context = { ...context };
    this.language = language;
  }

  /** Another text begins, on a line of its own. */
  begin(sign: Sign): void {
    if (this.open !== "") this.end();
    this.isRest = false;
    this.state = 0;
    this.sign = sign;
  }

  push(text: string): void {
    let from = 0;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", from)) {
      this.open += text.slice(from, at);
      this.end();
      from = at + 1;
    }
    this.open += text.slice(from);
    this.openRows = undefined;
    if (this.open.length > openUnitsMax) {
      this.keep(this.layout());
      this.open = "";
      this.isRest = true;
    }
  }

  /** Lines of a kind so far, with the one that is not finished. */
  count(sign: Sign): number {
    return this.ended[sign] + (sign === this.sign && (this.open !== "" || this.isRest) ? 1 : 0);
  }

  /** The last rows. */
  tail(max: number): Line[] {
    this.openRows ??= this.open === "" ? [] : this.layout().rows;
    return [...this.rows.slice(-max), ...this.openRows].slice(-max);
  }

  private end(): void {
    this.keep(this.layout());
    this.ended[this.sign]++;
    this.open = "";
    this.isRest = false;
    this.openRows = undefined;
  }

  private keep({ rows, state }: { rows: Line[]; state: CodeState }): void {
    this.state = state;
    this.rows.push(...rows);
    if (this.rows.length > 2 * keptRowsMax) this.rows = this.rows.slice(-keptRowsMax);
  }

  private layout(): { rows: Line[]; state: CodeState } {
    const { theme } = this.context;
    const { sign } = this;
    const text = this.open.endsWith("\r") ? this.open.slice(0, -1) : this.open;
    const { spans, state } = codeSpans(text, this.language, this.state, theme);
    const room = Math.max(1, this.width - indent - (sign === " " ? 0 : 2));
    if (sign === " ") return { rows: wrapHard(spans, room).map((each) => indented(indent, each)), state };
    const [body, mark] = sign === "+" ? [theme.diff.add, theme.diff.addMark] : [theme.diff.remove, theme.diff.removeMark];
    const tinted = spans.map((each) => ({ ...each, style: { ...each.style, bg: body.bg } }));
    const rows = wrapHard(tinted, room).map((each, i) => {
      const marked = line(span(i === 0 && !this.isRest ? `${sign} ` : "  ", mark), ...fitLine(each, room, body).spans);
      return { ...indented(indent, marked), gutter: indent + 2, ...(each.soft ? { soft: each.soft } : {}) };
    });
    return { rows, state };
  }
}
