import type { Style } from "../../../contracts/view.ts";
import { MarkdownStream } from "../../layout/markdown.ts";
import { type PartState, partText } from "../../model/state.ts";
import type { Theme } from "../../theme/index.ts";
import { blockCounters, type LayoutContext } from "./block.ts";

/** Reads a part as it grows: each piece is given once, whatever the length of what came before. */
export class PartReader {
  private epoch = 0;
  /** UTF-16 units of the part that were given. */
  private given = 0;

  /** The part is not a continuation of what was given: whoever reads it begins anew. */
  isStale(part: PartState): boolean {
    return this.epoch !== part.epoch || this.given > lengthOf(part);
  }

  restart(): void {
    this.given = 0;
  }

  /** What is new. After a restart all that is known: a part whose beginning is missing gives what follows it. */
  fresh(part: PartState): string {
    this.epoch = part.epoch;
    const length = lengthOf(part);
    const missing = length - Math.max(this.given, part.start);
    this.given = length;
    return missing > 0 ? tailOf(part, missing) : "";
  }
}

/** Lays out the text of a part as it grows. */
export class PartStream {
  private readonly part: PartState;
  private readonly base: ((theme: Theme) => Style) | undefined;
  private readonly reader = new PartReader();
  private stream: MarkdownStream | undefined;
  private width = 0;
  private theme: Theme | undefined;

  constructor(part: PartState, base?: (theme: Theme) => Style) {
    this.part = part;
    this.base = base;
  }

  /** The layout of all that is known. */
  at(width: number, context: LayoutContext): MarkdownStream {
    const part = this.part;
    if (!this.stream || this.width !== width || this.theme !== context.theme || this.reader.isStale(part)) {
      blockCounters.layouts++;
      this.stream = new MarkdownStream(width, context.theme, this.base?.(context.theme));
      this.width = width;
      this.theme = context.theme;
      this.reader.restart();
      if (part.start > 0) this.stream.push("… ");
    }
    const fresh = this.reader.fresh(part);
    if (fresh !== "") this.stream.push(fresh);
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
