import { blank, type Line } from "../../layout/line.ts";
import { type PartState, partText } from "../../model/state.ts";
import type { Block, LayoutContext } from "./block.ts";
import { PartStream } from "./part-stream.ts";

/** An assistant's text: markdown, growing while it streams. */
export class TextBlock implements Block {
  readonly key: string;
  readonly message: string;
  readonly foldable = false;
  expanded = false;
  private readonly part: PartState;
  private readonly layout: PartStream;

  constructor(part: PartState, message: string) {
    this.part = part;
    this.message = message;
    this.key = part.id;
    this.layout = new PartStream(part);
  }

  get finished(): boolean {
    return this.part.done !== undefined;
  }

  count(context: LayoutContext): number {
    const stream = this.layout.at(context.width, context);
    const lines = stream.stableLines.length + stream.openLines.length;
    return lines === 0 ? 0 : lines + 1;
  }

  line(context: LayoutContext, index: number): Line {
    if (index === 0) return blank;
    const stream = this.layout.at(context.width, context);
    const stable = stream.stableLines;
    return stable[index - 1] ?? stream.openLines[index - 1 - stable.length] ?? blank;
  }

  slice(context: LayoutContext, from: number, to: number): Line[] {
    const { stableLines, openLines } = this.layout.at(context.width, context);
    const fixed = stableLines.length;
    const lines = from === 0 ? [blank, ...stableLines.slice(0, to - 1)] : stableLines.slice(from - 1, to - 1);
    if (to - 1 > fixed) lines.push(...openLines.slice(Math.max(0, from - 1 - fixed), to - 1 - fixed));
    return lines;
  }

  stable(context: LayoutContext): number {
    if (this.finished) return this.count(context);
    const lines = this.layout.at(context.width, context).stableLines.length;
    return lines === 0 ? 0 : lines + 1;
  }

  forget(): void {
    this.layout.forget();
  }

  text(): string {
    return partText(this.part);
  }
}
