import type { Style } from "../../../contracts/view.ts";
import { MarkdownStream } from "../../layout/markdown.ts";
import { type PartState, partText } from "../../model/state.ts";
import type { Theme } from "../../theme/index.ts";
import { blockCounters, type LayoutContext } from "./block.ts";

/** Lays out the text of a part as it grows: each piece is pushed once, whatever the length of what came before. */
export class PartStream {
  private readonly part: PartState;
  private readonly base: ((theme: Theme) => Style) | undefined;
  private stream: MarkdownStream | undefined;
  private width = 0;
  private theme: Theme | undefined;
  private epoch = 0;
  /** UTF-16 units of the part that the stream has. */
  private pushed = 0;

  constructor(part: PartState, base?: (theme: Theme) => Style) {
    this.part = part;
    this.base = base;
  }

  /** The layout of all that is known. */
  at(width: number, context: LayoutContext): MarkdownStream {
    const part = this.part;
    const length = lengthOf(part);
    if (!this.stream || this.width !== width || this.theme !== context.theme || this.epoch !== part.epoch || this.pushed > length) {
      blockCounters.layouts++;
      this.stream = new MarkdownStream(width, context.theme, this.base?.(context.theme));
      this.width = width;
      this.theme = context.theme;
      this.epoch = part.epoch;
      this.pushed = part.start;
      if (part.start > 0) this.stream.push("… ");
    }
    const missing = length - this.pushed;
    if (missing > 0) {
      this.stream.push(tailOf(part, missing));
      this.pushed = length;
    }
    return this.stream;
  }

  forget(): void {
    this.stream = undefined;
  }
}

function lengthOf(part: PartState): number {
  return part.done ? partText(part).length : part.length;
}

/** The last `count` units of a part, without joining what came before. */
function tailOf(part: PartState, count: number): string {
  if (part.done) return partText(part).slice(-count);
  const wanted: string[] = [];
  let left = count;
  for (let i = part.pieces.length - 1; i >= 0 && left > 0; i--) {
    const piece = part.pieces[i]!;
    wanted.push(piece.length > left ? piece.slice(piece.length - left) : piece);
    left -= piece.length;
  }
  return wanted.reverse().join("");
}
