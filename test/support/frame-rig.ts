// A frame diff, a surface on it, and a terminal that gets its bytes: after each frame the terminal must show what the grid says.
import assert from "node:assert/strict";
import type { Cursor, Surface } from "../../src/contracts/view.ts";
import { openDiff } from "../../src/kernels/diff.ts";
import type { FrameDiff, FrameDiffOptions } from "../../src/kernels/frame-diff.ts";
import { loadKernel } from "../../src/kernels/load.ts";
import { openPlainDiff } from "../../src/kernels/reference/diff.ts";
import { checkPatch, type TerminalTraits } from "../../src/protocol/index.ts";
import { openSurface } from "../../src/session/screen/surface.ts";
import { difference, type Op, paint } from "./cell-programs.ts";
import { type Oracle, openTerminal } from "./terminal-oracle.ts";

const kernel = loadKernel("dist/kernels", "diff");
/** More than any frame of these sizes has. */
const budget = 1 << 20;

export type RigOptions = Partial<FrameDiffOptions> & {
  plain?: boolean;
  widths?: "clusters" | "codepoints";
  colours?: TerminalTraits["colours"];
};

export class Rig {
  readonly diff: FrameDiff;
  readonly surface: Surface;
  readonly terminal: Oracle;
  cursor: Cursor = { row: 0, col: 0, visible: true };
  private readonly clusters = new Map<number, string>();
  private readonly links = new Map<number, string>([[0, ""]]);

  constructor(options: RigOptions = {}) {
    const all = { cols: 24, rows: 10, scroll: true, repeat: true, live: false, ...options };
    this.diff = options.plain ? openPlainDiff(all) : openDiff(kernel, all);
    this.terminal = openTerminal({ cols: all.cols, rows: all.rows, widths: options.widths ?? "clusters" });
    const { diff, clusters, links } = this;
    this.surface = openSurface(
      () => diff.next,
      {
        glyph(cluster) {
          const glyph = diff.glyph(cluster);
          clusters.set(glyph, cluster);
          return glyph;
        },
        link(address) {
          const slot = diff.link(address);
          if (slot > 0) links.set(slot, new URL(address).href);
          return slot;
        },
      },
      options.colours ?? "true",
    );
    diff.forget({ row: 0 });
  }

  /** What a glyph word or a link slot stands for. */
  readonly cluster = (glyph: number): string => this.clusters.get(glyph) ?? "?";
  readonly address = (slot: number): string => this.links.get(slot) ?? "?";

  /** Renders, checks the patch against the grammar, writes it. */
  frame(): Uint8Array {
    const bytes = this.diff.render(this.cursor, budget);
    assert.deepEqual(checkPatch(bytes), { ok: true });
    this.terminal.write(bytes);
    return bytes;
  }

  /** Every cell's character, width, colours, attributes and link, and the cursor. @throws AssertionError */
  check(): void {
    assert.equal(difference(this.terminal, this.diff.next, this.cluster, this.address), undefined);
    const { rows, cols } = this.diff.next;
    assert.deepEqual(this.terminal.cursor, {
      row: Math.min(rows - 1, this.cursor.row),
      col: Math.min(cols - 1, this.cursor.col),
      visible: this.cursor.visible,
    });
  }

  resize(cols: number, rows: number): void {
    this.diff.resize(cols, rows);
    this.diff.forget({ row: 0 });
    this.terminal.resize(cols, rows);
  }

  /** One step of a program; a frame is checked. */
  step(step: Op): void {
    if (step.op === "frame") {
      this.cursor = { row: step.row, col: step.col, visible: step.visible };
      this.frame();
      this.check();
    } else if (step.op === "resize") this.resize(step.cols, step.rows);
    else paint(this.surface, step);
  }

  /** Rendered twice, and on a terminal that something else has written to: the same picture. */
  redraw(): void {
    this.frame();
    this.check();
    assert.equal(this.frame().length, 0, "a second render without a change writes something");
    this.terminal.write("\x1b[31;7mspoilt\x1b[3;5r\x1b[?25l\x1b[2;2Hspoilt\x1b]8;;http://spoilt/\x1b\\");
    this.diff.forget({ row: 0 });
    this.frame();
    this.check();
  }
}
