import type { Language } from "../../code/languages.ts";
import type { CodeState } from "../../code/tokenize.ts";
import { codeSpans } from "../../layout/code-lines.ts";
import { fitLine, indented, type Line, line, span } from "../../layout/line.ts";
import { layoutCounters } from "../../layout/markdown.ts";
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
    if (this.open.length > openUnitsMax) this.breakOpen();
  }

  /** Lines of a kind so far, with the one that is not finished. */
  count(sign: Sign): number {
    return this.ended[sign] + (sign === this.sign && (this.open !== "" || this.isRest) ? 1 : 0);
  }

  /** The last rows. */
  tail(max: number): Line[] {
    this.openRows ??= this.open === "" ? [] : this.decorated(this.layout().parts);
    return [...this.rows.slice(-max), ...this.openRows].slice(-max);
  }

  private end(): void {
    const { parts, state } = this.layout();
    this.keep(parts, state);
    this.ended[this.sign]++;
    this.open = "";
    this.isRest = false;
    this.openRows = undefined;
  }

  /** Keeps the full rows of the open line and goes on with the last one. */
  private breakOpen(): void {
    const { parts } = this.layout();
    const last = parts.pop()!;
    // The colours of so long a line are not worth a state in the middle of it.
    this.keep(parts, this.state);
    this.open = last.spans.map((each) => each.text).join("");
    this.isRest ||= parts.length > 0;
  }

  private keep(parts: Line[], state: CodeState): void {
    this.rows.push(...this.decorated(parts));
    this.state = state;
    if (this.rows.length > 2 * keptRowsMax) this.rows = this.rows.slice(-keptRowsMax);
  }

  private get room(): number {
    return Math.max(1, this.width - indent - (this.sign === " " ? 0 : 2));
  }

  private layout(): { parts: Line[]; state: CodeState } {
    const text = this.open.endsWith("\r") ? this.open.slice(0, -1) : this.open;
    layoutCounters.characters += text.length;
    const { spans, state } = codeSpans(text, this.language, this.state, this.context.theme);
    return { parts: wrapHard(spans, this.room), state };
  }

  /** Rows of the open line as they are shown. */
  private decorated(parts: Line[]): Line[] {
    const { sign, room } = this;
    if (sign === " ") return parts.map((each) => indented(indent, each));
    const { diff } = this.context.theme;
    const [look, mark] = sign === "+" ? [diff.add, diff.addMark] : [diff.remove, diff.removeMark];
    return parts.map((part, i) => {
      const tinted = part.spans.map((each) => ({ ...each, style: { ...each.style, bg: look.bg } }));
      const head = span(i === 0 && !this.isRest ? `${sign} ` : "  ", mark);
      const made = line(head, ...fitLine({ ...part, spans: tinted }, room, look).spans);
      const soft = part.soft ?? (i === 0 && this.isRest ? ("cut" as const) : undefined);
      return { ...indented(indent, made), gutter: indent + 2, ...(soft ? { soft } : {}) };
    });
  }
}
