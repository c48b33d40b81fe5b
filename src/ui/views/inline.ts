import type { Cursor, InlineLine } from "../../contracts/view.ts";
import type { App } from "../app.ts";
import { blank, clipLine, type Line, line, span } from "../layout/line.ts";
import { box } from "./box.ts";
import { completionLines, editorHeight, editorView } from "./editor-view.ts";
import { landingLines } from "./landing.ts";
import { pills } from "./pills.ts";
import { statusLine } from "./status.ts";
import type { Block, LayoutContext } from "./transcript/block.ts";

export type ComposedInline = { lines: Line[]; cursor: Cursor; commit: InlineLine[] };

/** A session that is opened with a past shows this many of its lines; older ones are in `crush session show`. */
const pastLinesMax = 200;

type Partial = { key: string; lines: number; width: number; ink: number };
export type CommittedState = { keys: string[]; partial: Partial | undefined; landed: boolean };

/**
 * What has gone to the terminal's scrollback: whole blocks by key, and of the first one that is not finished so many of the
 * lines that cannot change any more. Committed lines are never touched again.
 */
export class Committed {
  private readonly keys = new Set<string>();
  private partial: Partial | undefined;
  private landed = false;
  private past = true;

  /** Another session is shown: its past is committed anew. */
  reset(): void {
    this.keys.clear();
    this.partial = undefined;
    this.past = true;
  }

  state(): CommittedState {
    return { keys: [...this.keys], partial: this.partial, landed: this.landed };
  }

  /** `same`: the session is the one whose blocks were committed. */
  restore(state: CommittedState, same: boolean): void {
    this.landed = state.landed;
    if (!same) return;
    for (const key of state.keys) this.keys.add(key);
    this.partial = state.partial;
    this.past = false;
  }

  /** Once a view: the greeting. */
  landing(app: App): Line[] {
    if (this.landed || app.session || !app.models.loaded) return [];
    this.landed = true;
    return [...landingLines(app, app.cols), blank];
  }

  /** Takes what can be committed now. `keep`: rows that the live region has for what stays. */
  take(app: App, keep: number): Line[] {
    // Before its turns are known a session's unfinished calls cannot be told from lost ones.
    if (app.loading) return [];
    const { layout: context, blocks } = app.transcript;
    const out: Line[] = [];
    for (const block of blocks) {
      if (this.keys.has(block.key)) continue;
      const from = this.from(block, context);
      if (block.finished) {
        const count = block.count(context);
        for (let i = from; i < count; i++) out.push(block.line(context, i));
        this.keys.add(block.key);
        this.partial = undefined;
        block.forget();
        continue;
      }
      // Only what the live region has no room for goes early: the rest may still be looked at as it grows.
      const stable = block.stable(context);
      const spare = block.count(context) - from - keep;
      const upTo = Math.min(stable, from + Math.max(0, spare));
      if (upTo > from) {
        let ink = this.partial?.key === block.key ? this.partial.ink : 0;
        for (let i = from; i < upTo; i++) {
          const each = block.line(context, i);
          out.push(each);
          ink += inkOf(each);
        }
        this.partial = { key: block.key, lines: upTo, width: context.width, ink };
      }
      break;
    }
    if (this.past) {
      this.past = false;
      if (out.length > pastLinesMax)
        return [
          line(span(`… earlier: crush session show ${app.session?.session?.hash.slice(0, 7) ?? ""}`, app.theme.faint)),
          ...out.slice(-pastLinesMax),
        ];
    }
    return out;
  }

  /** Lines of a block that are committed already. At another width those are meant that hold as much ink. */
  private from(block: Block, context: LayoutContext): number {
    const partial = this.partial;
    if (partial?.key !== block.key) return 0;
    if (partial.width !== context.width) {
      const count = block.count(context);
      let lines = 0;
      for (let ink = 0; lines < count && ink < partial.ink; lines++) ink += inkOf(block.line(context, lines));
      this.partial = { ...partial, lines, width: context.width };
    }
    return this.partial!.lines;
  }

  /** The lines that are not committed yet, the last `height` of them. */
  tail(app: App, height: number): Line[] {
    const { transcript } = app;
    const context = transcript.layout;
    const out: Line[] = [];
    for (const block of transcript.blocks) {
      if (this.keys.has(block.key)) continue;
      const count = block.count(context);
      const from = Math.max(this.from(block, context), count - height);
      for (let i = from; i < count; i++) out.push(block.line(context, i));
    }
    return out.slice(-height);
  }
}

/** Characters that are not blank: their number does not depend on how a text is wrapped. */
function inkOf(base: Line): number {
  let ink = 0;
  for (const each of base.spans) ink += each.text.replace(/\s/g, "").length;
  return ink;
}

/** The live region as rows, never more than the screen has less one, and what leaves it upwards for good. */
export function composeInline(app: App, committed: Committed): ComposedInline {
  const { cols } = app;
  if (app.leaving) return { lines: [blank], commit: [], cursor: { row: 0, col: 0, visible: true } };
  const most = Math.max(1, app.rows - 1);
  const { transcript } = app;
  transcript.width = Math.max(1, cols - 1);
  if (app.session) transcript.sync(app.session);
  const below = app.dialog ? dialogRows(app, most) : editorRows(app, most);
  const room = most - below.lines.length;
  const commit = [...committed.landing(app), ...(app.session ? committed.take(app, room) : [])].map((each) =>
    inlineLine(fitWidth(each, cols)),
  );
  const tail = app.session && room > 0 ? committed.tail(app, room) : [];
  const lines = [...tail.map((each) => fitWidth(each, cols)), ...below.lines];
  return { lines, commit, cursor: { ...below.cursor, row: below.cursor.row + tail.length } };
}

const fitWidth = (base: Line, cols: number): Line => (base.width > cols ? clipLine(base, cols) : base);
const inlineLine = (base: Line): InlineLine => ({ spans: base.spans.map(({ text, style }) => ({ text, style })) });

function editorRows(app: App, most: number): { lines: Line[]; cursor: Cursor } {
  const { cols } = app;
  const edit = Math.min(editorHeight(app, cols, app.rows), Math.max(1, most - 1));
  const view = editorView(app, cols, edit);
  let left = most - edit - 1;
  const gap = left >= 4 ? [blank] : [];
  left -= gap.length;
  const above = pills(app, cols).slice(0, Math.max(0, left >> 1));
  const offers = completionLines(app, cols, Math.max(0, left - above.length));
  const lines = [...gap, ...above, ...offers];
  return {
    lines: [...lines, ...view.lines, statusLine(app, cols)],
    cursor: { row: lines.length + view.cursor.row, col: Math.min(cols - 1, view.cursor.col), visible: true },
  };
}

function dialogRows(app: App, most: number): { lines: Line[]; cursor: Cursor } {
  const { cols, theme } = app;
  const dialog = app.dialog!;
  const width = Math.max(8, Math.min(dialog.wants.width + 4, cols));
  const height = Math.max(3, Math.min(dialog.wants.height + 2, most - 1));
  const view = dialog.view(width - 4, height - 2);
  const made = box(view, width, Math.min(height, view.lines.length + 2), theme);
  const cursor = made.cursor ?? { row: made.lines.length, col: 0 };
  return { lines: [...made.lines, statusLine(app, cols)], cursor: { ...cursor, visible: made.cursor !== undefined } };
}
