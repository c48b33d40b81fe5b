import type { DurableEvent, Effect, LatestEvent, MethodName, Params, Result, ScreenMode, TerminalTraits } from "../protocol/index.ts";

// A view is what is shown on one attached terminal. The screen (session/screen) owns cells, damage, diff, credit and frames;
// the view owns what it means. Colours are 0xRRGGBB | colourSet, or 0 for the terminal's own.

/** Attribute bits of a cell. */
export const attr = { bold: 1, dim: 2, italic: 4, underline: 8, blink: 16, inverse: 32, hidden: 64, strike: 128 } as const;
/** Set in a colour that is a real RGB value; without it 0 means the terminal's own colour. 1 << 25 | n is palette colour n. */
export const colourRgb = 1 << 24;
export const colourPalette = 1 << 25;

export type Style = { fg: number; bg: number; attrs: number /** http(s) or file address; shown as an OSC 8 link. */; link?: string };

/** A rectangle of cells to paint on. Text is sanitised here: control characters never become cells. */
export interface Surface {
  readonly cols: number;
  readonly rows: number;
  /** Writes graphemes from (row, col), clipped at the right edge; answers the column after the last one. */
  text(row: number, col: number, text: string, style: Style): number;
  /** Fills columns col..end of a row with spaces. */
  fill(row: number, col: number, end: number, style: Style): void;
  /** The row will be repainted wholly: forget what was there. Rows not cleared keep their cells from the last frame. */
  clear(row: number, style?: Style): void;
  /** Moves rows top..bottom (inclusive) by n (positive: up) without repainting: a hint for scrolling. Vacated rows are cleared. */
  scroll(top: number, bottom: number, n: number): void;
}

export type Cursor = { row: number; col: number; visible: boolean };

/** A styled line for the terminal's own scrollback (inline mode). */
export type InlineLine = { spans: { text: string; style: Style }[] };

export type Frame = {
  cursor: Cursor;
  /** inline mode: lines to commit once above the live region, and how many rows the live region has now. */
  commit?: InlineLine[];
  /** plain mode: begins the line that one types on, and stays in front of what is typed. */
  prompt?: string;
  liveRows?: number;
};

/** What a view may do. */
export interface ViewHost {
  readonly mode: ScreenMode;
  readonly term: TerminalTraits;
  readonly workspace: string;
  readonly screen: number;
  /** The same commands that a program sends. @throws CommandError */
  request<M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>>;
  /** Something changed: paint is called soon (at once after input, else at the next tick). */
  invalidate(): void;
  effect(effect: Omit<Effect, "type" | "screen">): void;
  /** One timer of the view; it must not run when nothing animates. The answer cancels. */
  after(ms: number, run: () => void): () => void;
  now(): number;
}

export interface View {
  /** Raw terminal input, whole or cut anywhere. */
  input(bytes: Uint8Array): void;
  /** The surface has this size now and is blank: the next paint paints all of it. */
  resize(cols: number, rows: number): void;
  focus(focused: boolean): void;
  /**
   * Events of the session that is shown, from the moment of `show` on. History comes by `session.messages`; an event that
   * arrives before that answer may speak of the same object: replace by id, skip deltas whose offset is already there.
   */
  event(event: DurableEvent | LatestEvent): void;
  /**
   * Paints what changed since the last call. In inline mode the surface is the live region from its top row down, one row less
   * than the terminal has; `commit` lines wider than the terminal are cut into rows, none is lost.
   */
  paint(surface: Surface): Frame;
  /** Shows another session, or the landing page. */
  show(session: string | undefined): void;
  /** The configuration of the workspace has changed; `notice` says why the one before is kept. */
  configured?(notice: string | undefined): void;
  /** State to go on with on another worker (editor text, scroll anchor). Plain data. */
  state(): unknown;
  close(): void;
}

export type OpenView = (
  host: ViewHost,
  options: {
    cols: number;
    rows: number;
    session?: string;
    initialPrompt?: string /** for sessions begun here */;
    yolo?: boolean;
    state?: unknown;
  },
) => View;
