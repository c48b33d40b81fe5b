import { blank, type Line, line, prefixed, span } from "../../layout/line.ts";
import { type PartState, partText } from "../../model/state.ts";
import type { Block, LayoutContext } from "./block.ts";
import { PartStream } from "./part-stream.ts";

/** Last lines that are shown while the model thinks; folded to its header afterwards. */
const liveLines = 6;

/** What the model thought: its last lines while it streams, then one line that opens on a click or space. */
export class ReasoningBlock implements Block {
  readonly key: string;
  readonly message: string;
  readonly foldable = true;
  expanded = false;
  private readonly part: PartState;
  private readonly layout: PartStream;
  private header: { text: string; line: Line } | undefined;

  constructor(part: PartState, message: string) {
    this.part = part;
    this.message = message;
    this.key = part.id;
    this.layout = new PartStream(part, (theme) => theme.reasoning);
  }

  get finished(): boolean {
    return this.part.done !== undefined;
  }

  private body(context: LayoutContext): { total: number; shown: number } {
    if (this.finished && !this.expanded) return { total: 0, shown: 0 };
    const stream = this.layout.at(Math.max(1, context.width - 2), context);
    const total = stream.stableLines.length + stream.openLines.length;
    return { total, shown: this.expanded ? total : Math.min(liveLines, total) };
  }

  count(context: LayoutContext): number {
    if (this.finished && partText(this.part).trim() === "") return 0;
    return 2 + this.body(context).shown;
  }

  line(context: LayoutContext, index: number): Line {
    if (index === 0) return blank;
    if (index === 1) return this.headerLine(context);
    const { total, shown } = this.body(context);
    const stream = this.layout.at(Math.max(1, context.width - 2), context);
    const at = total - shown + index - 2;
    const stable = stream.stableLines;
    const body = stable[at] ?? stream.openLines[at - stable.length] ?? blank;
    return prefixed(span("┆ ", context.theme.faint), body);
  }

  private headerLine(context: LayoutContext): Line {
    const { startedAt, finishedAt } = this.part;
    const seconds = finishedAt === undefined ? 0 : (finishedAt - startedAt) / 1000;
    const mark = this.expanded || !this.finished ? "▾" : "▸";
    const text = `${mark} ${this.finished ? (seconds >= 1 ? `Thought for ${seconds.toFixed(0)} s` : "Thought") : "Thinking"}`;
    if (this.header?.text !== text) this.header = { text, line: { ...line(span(text, context.theme.reasoning)), toggle: true } };
    return this.header.line;
  }

  stable(context: LayoutContext): number {
    return this.finished ? this.count(context) : 0;
  }

  forget(): void {
    this.layout.forget();
  }

  text(): string {
    return partText(this.part);
  }
}
