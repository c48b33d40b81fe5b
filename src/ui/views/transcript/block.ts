import { blank, type Line } from "../../layout/line.ts";
import type { Theme } from "../../theme/index.ts";

/** What blocks need to lay themselves out. */
export type LayoutContext = { width: number; theme: Theme /** Paths under it are shown relative to it. */; workspace: string };

/**
 * A piece of the transcript: a prompt, a part of an answer, a tool call, a note. It lays itself out when its lines are asked
 * for, keeps them while width and version stay, and is dropped from memory by `forget`.
 */
export interface Block {
  readonly key: string;
  /** Message that it belongs to: where older history is paged from and scroll positions are kept by. */
  readonly message: string;
  expanded: boolean;
  readonly foldable: boolean;
  /** Nothing of it will change without somebody's doing. Finished blocks may be committed to a scrollback. */
  readonly finished: boolean;
  count(context: LayoutContext): number;
  line(context: LayoutContext, index: number): Line;
  /** Lines from..to at once, where that is cheaper than one by one. */
  slice?(context: LayoutContext, from: number, to: number): Line[];
  /** Lines at the start that will not change, of an unfinished block. */
  stable(context: LayoutContext): number;
  forget(): void;
  /** Its text for a copy. */
  text(): string;
}

/** How often any block was laid out: tests assert by it that cost is flat. */
export const blockCounters = { layouts: 0 };

/** A block whose lines are made at once from its current state. */
export class StaticBlock implements Block {
  readonly key: string;
  readonly message: string;
  readonly foldable: boolean;
  expanded = false;
  private readonly make: (context: LayoutContext, expanded: boolean) => Line[];
  private readonly versionOf: () => string | number;
  private readonly isFinished: () => boolean;
  private readonly copy: () => string;
  private cached: { width: number; theme: Theme; version: string | number; expanded: boolean; lines: Line[] } | undefined;

  constructor(options: {
    key: string;
    message: string;
    foldable?: boolean;
    version?: () => string | number;
    finished?: () => boolean;
    text?: () => string;
    lines: (context: LayoutContext, expanded: boolean) => Line[];
  }) {
    this.key = options.key;
    this.message = options.message;
    this.foldable = options.foldable ?? false;
    this.make = options.lines;
    this.versionOf = options.version ?? (() => 0);
    this.isFinished = options.finished ?? (() => true);
    this.copy = options.text ?? (() => "");
  }

  get finished(): boolean {
    return this.isFinished();
  }

  private lines(context: LayoutContext): Line[] {
    const version = this.versionOf();
    const cached = this.cached;
    if (
      cached &&
      cached.width === context.width &&
      cached.theme === context.theme &&
      cached.version === version &&
      cached.expanded === this.expanded
    )
      return cached.lines;
    blockCounters.layouts++;
    const lines = this.make(context, this.expanded);
    this.cached = {
      width: context.width,
      theme: context.theme,
      version,
      expanded: this.expanded,
      lines: lines.length > 0 ? [blank, ...lines] : [],
    };
    return this.cached.lines;
  }

  count(context: LayoutContext): number {
    return this.lines(context).length;
  }

  line(context: LayoutContext, index: number): Line {
    return this.lines(context)[index] ?? blank;
  }

  stable(context: LayoutContext): number {
    return this.finished ? this.count(context) : 0;
  }

  forget(): void {
    this.cached = undefined;
  }

  text(): string {
    return this.copy();
  }
}
