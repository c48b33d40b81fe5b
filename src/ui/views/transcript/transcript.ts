import type { Line } from "../../layout/line.ts";
import { isQueued, trimWindow } from "../../model/order.ts";
import type { SessionState } from "../../model/state.ts";
import type { Theme } from "../../theme/index.ts";
import type { Block, LayoutContext } from "./block.ts";
import { messageBlocks, turnBlock } from "./message-blocks.ts";
import { isUndone, undoneBlock } from "./undone-block.ts";

/** A line of the transcript by name: it stays valid when blocks come and go around it. */
export type Place = { key: string; line: number };
export type TranscriptState = { follow: boolean; top: Place; expanded: string[] };
/** `margined`: what the full screen made of the line, kept for as long as the row is in sight. */
export type ShownRow = { readonly block: Block; readonly index: number; readonly line: Line; margined?: Line };

/** Blocks that keep their layout though they are out of sight; scrolling back a screen or two costs nothing. */
const warmBlocksMax = 80;

/**
 * The blocks of a session and which of them are in sight. It knows no total height: the position is a line at the top (or the
 * end), and only what is in sight is laid out. So a frame costs the same after ten messages and after ten thousand.
 */
export class Transcript {
  blocks: Block[] = [];
  /** Shows the end and stays there. */
  follow = true;
  /** The block that j, k and space work on. */
  selected: string | undefined;
  private byKey = new Map<string, Block>();
  private indexOf = new Map<string, number>();
  private structure = -1;
  /** Blocks that were open elsewhere and have not come yet. */
  private unfolded = new Set<string>();
  private top: Place = { key: "", line: 0 };
  /** The rows of the last frame: most are in the next one too. */
  private shown: readonly ShownRow[] = [];
  private readonly warm = new Set<Block>();
  private readonly context: LayoutContext;

  constructor(theme: Theme, workspace: string) {
    this.context = { width: 80, theme, workspace };
  }

  get layout(): LayoutContext {
    return this.context;
  }

  restyle(theme: Theme): void {
    this.context.theme = theme;
    for (const block of this.byKey.values()) block.forget();
    this.shown = [];
  }

  set width(columns: number) {
    this.context.width = Math.max(1, columns);
  }

  /** Takes over blocks that came or went. Deltas change no structure, so this is not per delta. */
  sync(state: SessionState): void {
    if (this.follow) trimWindow(state);
    if (this.structure === state.structure) return;
    this.structure = state.structure;
    const kept = new Map<string, Block>();
    const known = (key: string, make: () => Block | undefined): Block | undefined => {
      const block = this.byKey.get(key) ?? make();
      if (block) kept.set(key, block);
      if (block && this.unfolded.delete(key)) block.expanded = true;
      return block;
    };
    const blocks: Block[] = [];
    for (let i = 0; i < state.order.length; i++) {
      const message = state.messages.get(state.order[i]!)!;
      if (isQueued(state, message)) continue;
      if (isUndone(state, message)) {
        const key = `${message.turn} undone`;
        if (!kept.has(key)) blocks.push(known(key, () => undoneBlock(message.turn, message, state))!);
        continue;
      }
      blocks.push(...messageBlocks(message, state, known));
      const next = state.messages.get(state.order[i + 1] ?? "");
      const turn = state.turns.get(message.turn);
      const bad = turn?.status === "interrupted" || turn?.status === "failed" || turn?.status === "limit";
      if (bad && (!next || next.turn !== message.turn))
        blocks.push(known(`${message.turn} turn`, () => turnBlock(message.turn, message.id, state))!);
    }
    for (const block of this.byKey.values()) if (!kept.has(block.key)) this.warm.delete(block);
    this.byKey = kept;
    this.blocks = blocks;
    this.indexOf = new Map(blocks.map((block, i) => [block.key, i]));
    if (!this.follow && blocks.length > 0 && !this.indexOf.has(this.top.key)) this.follow = true;
  }

  block(key: string): Block | undefined {
    return this.byKey.get(key);
  }

  /** Place of a block in the order, -1 when it is gone. */
  position(key: string): number {
    return this.indexOf.get(key) ?? -1;
  }

  private count(index: number): number {
    const block = this.blocks[index]!;
    this.warm.delete(block);
    this.warm.add(block);
    return block.count(this.context);
  }

  /** The rows in sight, at most `height`, from the top. */
  rows(height: number): ShownRow[] {
    const rows = this.follow ? this.fromEnd(height) : this.fromTop(height);
    if (!this.follow && rows.length < height) {
      this.follow = true; // the end is in sight
      return this.trimmed(this.fromEnd(height));
    }
    return this.trimmed(rows);
  }

  private fromEnd(height: number): ShownRow[] {
    const parts: ShownRow[][] = [];
    let left = height;
    for (let i = this.blocks.length - 1; i >= 0 && left > 0; i--) {
      const count = this.count(i);
      const from = Math.max(0, count - left);
      parts.push(this.slice(i, from, count));
      left -= count - from;
    }
    return parts.reverse().flat();
  }

  private fromTop(height: number): ShownRow[] {
    const rows: ShownRow[] = [];
    let { index, line } = this.topPosition();
    for (; index < this.blocks.length && rows.length < height; index++) {
      const count = this.count(index);
      rows.push(...this.slice(index, line, Math.min(count, line + height - rows.length)));
      line = 0;
    }
    return rows;
  }

  private slice(index: number, from: number, to: number): ShownRow[] {
    const block = this.blocks[index]!;
    const lines = block.slice?.(this.context, from, to);
    const { shown } = this;
    let first = 0;
    while (first < shown.length && shown[first]!.block !== block) first++;
    // A block's rows are in sight one after the other.
    const offset = first < shown.length ? first - shown[first]!.index : 0;
    const rows: ShownRow[] = [];
    for (let index = from; index < to; index++) {
      const line = lines ? lines[index - from]! : block.line(this.context, index);
      const before = shown[offset + index];
      rows.push(
        before !== undefined && before.line === line && before.block === block && before.index === index ? before : { block, index, line },
      );
    }
    return rows;
  }

  /** Lets go of layouts that nobody has seen for long. */
  private trimmed(rows: ShownRow[]): ShownRow[] {
    this.shown = rows;
    for (const block of this.warm) {
      if (this.warm.size <= warmBlocksMax) break;
      block.forget();
      this.warm.delete(block);
    }
    return rows;
  }

  private topPosition(): { index: number; line: number } {
    const index = this.position(this.top.key);
    if (index < 0) return { index: 0, line: 0 };
    return { index, line: Math.min(this.top.line, Math.max(0, this.count(index) - 1)) };
  }

  /**
   * Moves by `n` lines, negative up, where `height` are in sight.
   * @returns true when the first line known was reached: older history is wanted
   */
  scroll(n: number, height: number): boolean {
    if (this.blocks.length === 0) return n < 0;
    if (this.follow) {
      if (n >= 0) return false;
      const first = this.fromEnd(height)[0];
      if (!first) return true;
      this.top = { key: first.block.key, line: first.index };
      this.follow = false;
    }
    let { index, line } = this.topPosition();
    line += n;
    while (line < 0 && index > 0) line += this.count(--index);
    const atStart = line < 0 || (index === 0 && line === 0);
    if (line < 0) line = 0;
    while (line >= this.count(index) && index < this.blocks.length - 1) line -= this.count(index++);
    this.top = { key: this.blocks[index]!.key, line };
    // Everything is in sight already: there is nowhere to scroll.
    if (this.fromTop(height).length < height) this.follow = true;
    return n < 0 && atStart;
  }

  /** Goes to the first line that is known. */
  toStart(height: number): boolean {
    const total = this.blocks.length;
    if (total === 0) return true;
    this.follow = false;
    this.top = { key: this.blocks[0]!.key, line: 0 };
    if (this.fromTop(height).length < height) this.follow = true;
    return true;
  }

  toEnd(): void {
    this.follow = true;
  }

  /** Selects the block before or after the selected one that can be folded or copied, and brings it into sight. */
  select(step: -1 | 1, height: number): void {
    const from = this.selected === undefined ? this.blocks.length : this.position(this.selected);
    for (let i = (from < 0 ? this.blocks.length : from) + step; i >= 0 && i < this.blocks.length; i += step) {
      if (this.count(i) === 0) continue;
      this.selected = this.blocks[i]!.key;
      this.reveal(i, height);
      return;
    }
  }

  private reveal(index: number, height: number): void {
    const rows = this.follow ? this.fromEnd(height) : this.fromTop(height);
    const key = this.blocks[index]!.key;
    const visible = rows.filter((row) => row.block.key === key).length;
    if (visible >= Math.min(this.count(index), height)) return;
    this.follow = false;
    this.top = { key, line: 0 };
    if (this.fromTop(height).length < height) this.follow = true;
  }

  toggle(key: string): void {
    const block = this.byKey.get(key);
    if (block?.foldable) block.expanded = !block.expanded;
  }

  /** Where it stands, for a view that goes on elsewhere. */
  state(): TranscriptState {
    return { follow: this.follow, top: this.top, expanded: this.blocks.filter((block) => block.expanded).map((block) => block.key) };
  }

  /** Goes on where another one stood; a place that the first page does not reach is given up for the end. */
  restore(state: TranscriptState): void {
    this.follow = state.follow;
    this.top = state.top;
    this.unfolded = new Set(state.expanded);
  }
}
