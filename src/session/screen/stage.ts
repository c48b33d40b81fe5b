// How a frame of a view becomes a frame of the terminal: one stage for each of the two modes.
import type { Cursor, Frame, Surface } from "../../contracts/view.ts";

export interface Stage {
  /** What the view paints on. */
  readonly surface: Surface;
  /** Takes a painted frame in. */
  take(frame: Frame): void;
  /** The next bytes for the terminal; empty: it shows what it shall. */
  render(): Uint8Array;
  /** More is left to render although nothing new was painted. */
  readonly unfinished: boolean;
  resize(cols: number, rows: number): void;
  /** The terminal's content is unknown. */
  repaint(): void;
  /** Rows at the bottom that are ours and not committed: for going on elsewhere. */
  readonly ownRows: number;
  /** Leaves the terminal tidy: the last bytes. */
  leave(): Uint8Array;
  /** Gives the grids back; nothing is rendered any more. */
  close(): void;
  readonly memory: number;
}

/** What a view gives as cursor before it has painted. */
export const hiddenCursor: Cursor = { row: 0, col: 0, visible: false };

/**
 * Bytes of one patch after which the rest of a frame waits for the next: under the protocol's limit by more than the
 * kernel's largest portion (0.5 MB), and little enough that keys do not wait for it.
 */
export const patchBudgetBytes = 1 << 20;
