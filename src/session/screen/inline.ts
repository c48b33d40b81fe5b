// Inline mode: finished lines go once into the terminal's own scrollback, a live region at the bottom is redrawn.
//
//   row 0      +------------------------------+
//              | above: committed lines, and  |  never written again, whatever happens; leaves at the top,
//              | before them what was there   |  row by row, into the terminal's scrollback
//   above      +------------------------------+
//              | gap: blank, ours             |  left by a live region that was higher; the next commits fill it
//   rows-live  +------------------------------+
//              | live                         |  what the view paints
//   rows       +------------------------------+
//
// Rows move up in one way only: line feeds in the last row. Only rows of `above` may leave so, hence a round feeds at most
// `above` rows, and a long commit takes several. The diff knows the whole screen, so what was live and is now committed
// costs nothing when it looks the same.
//
// With the client: it has printed nothing and where its cursor is is not known. The first patch (base 0) goes to the last row and
// makes room by as many line feeds as the live region has rows. After a resize terminals wrap lines anew and keep the cursor
// with its text, so the live region is found from the cursor: see measure. At the end the live region is cleared and the
// cursor stands where it began; the client writes whatever follows from there.
import type { Cursor, Frame, InlineLine, Style } from "../../contracts/view.ts";
import type { Cells, FrameDiff } from "../../kernels/frame-diff.ts";
import type { TerminalTraits } from "../../protocol/index.ts";
import { type Grapheme, graphemeAt } from "../../terminal/width.ts";
import { hiddenCursor, patchBudgetBytes, type Stage } from "./stage.ts";
import { openSurface } from "./surface.ts";

type Row = InlineLine["spans"];

/** Cuts a line into rows of at most `cols` columns: nothing that is committed is lost at the right edge. */
export function wrapLine(line: InlineLine, cols: number): Row[] {
  const rows: Row[] = [];
  let row: Row = [];
  let width = 0;
  const one: Grapheme = { text: "", width: 0, unsure: false };
  for (const { text, style } of line.spans) {
    let from = 0;
    for (let at = 0; at < text.length; ) {
      const next = graphemeAt(text, at, one);
      if (width + one.width > cols) {
        if (at > from) row.push({ text: text.slice(from, at), style });
        rows.push(row);
        row = [];
        width = 0;
        from = at;
      }
      width += one.width;
      at = next;
    }
    if (from < text.length) row.push({ text: text.slice(from), style });
  }
  rows.push(row);
  return rows;
}

const plain: Style = { fg: 0, bg: 0, attrs: 0 };

/** @param ownRows rows at the bottom that an earlier screen of the same terminal has left to us */
export function openInlineStage(diff: FrameDiff, colours: TerminalTraits["colours"], ownRows = 0): Stage {
  let cursor: Cursor = hiddenCursor;
  let live = 0;
  let gap = Math.min(ownRows, diff.next.rows - 1);
  let wanted = 1;
  /** Rows that wait to be committed. New ones come only after these have gone: a view is not painted before. */
  let queue: Row[] = [];
  let queued = 0;
  let started = false;
  /** A resize that has not been rendered yet: where the live region was taken to be. */
  let resized: { up: number; all: number } | undefined;
  if (gap > 0) diff.forget({ row: diff.next.rows - gap });

  const area = (): Cells => {
    const { cols, rows, words, dirty } = diff.live!;
    return { cols, rows: rows - 1, words, dirty };
  };
  const committed = openSurface(() => diff.next, diff, colours);

  /** One round: as much growth and as many committed rows as can leave at the top only what is committed. */
  function advance(): void {
    const { cols, rows, words, dirty } = diff.next;
    const line = cols * 4;
    const above = rows - live - gap;
    const grow = wanted - live;
    const need = Math.max(0, grow - gap);
    const gapLeft = Math.max(0, gap - grow);
    const count = Math.min(queue.length - queued, gapLeft + above - need);
    const feed = need + Math.max(0, count - gapLeft);
    const moved = feed > 0 || grow !== 0 || count > 0;
    if (feed > 0) {
      diff.feed(feed);
      words.copyWithin(0, feed * line, above * line);
    }
    gap = gapLeft - Math.min(count, gapLeft);
    live = wanted;
    if (moved) {
      dirty.fill(1, above - feed);
      for (let i = 0; i < count; i++) {
        const row = above - feed + i;
        committed.clear(row);
        let col = 0;
        for (const { text, style } of queue[queued + i]!) col = committed.text(row, col, text, style);
      }
      for (let row = rows - live - gap; row < rows - live; row++) committed.clear(row, plain);
    }
    queued += count;
    if (queued === queue.length) {
      queue = [];
      queued = 0;
    }
    const source = diff.live!;
    for (let i = 0; i < live; i++) {
      if (!moved && source.dirty[i] === 0) continue;
      words.set(source.words.subarray(i * line, (i + 1) * line), (rows - live + i) * line);
      dirty[rows - live + i] = 1;
    }
    source.dirty.fill(0);
  }

  function usedWidth(row: number): number {
    const { cols, words } = diff.next;
    for (let col = cols - 1; col >= 0; col--) {
      const at = (row * cols + col) * 4;
      if (words[at] !== 32 || words[at + 2] !== 0 || words[at + 3] !== 0) return col + 1;
    }
    return 0;
  }

  /**
   * Rows of the live region above the cursor, and in all, after the terminal has wrapped them to `cols`. It wraps what no
   * longer fits, and a wider one has nothing to join: no row of ours ever ran on into the next. The cursor's own row is wrapped
   * by some (tmux, kitty) and cut by others (xterm.js): it counts as one, because to take too few for ours leaves a stale row in
   * the scrollback, and to take too many would clear committed ones.
   */
  function measure(cols: number): { up: number; all: number } {
    const at = place();
    let up = 0;
    let all = 0;
    for (let row = diff.next.rows - live; row < diff.next.rows; row++) {
      const height = row === at.row ? 1 : Math.max(1, Math.ceil(usedWidth(row) / cols));
      if (row < at.row) up += height;
      all += height;
    }
    return { up, all };
  }

  const place = (): Cursor => ({ row: diff.next.rows - live + Math.min(cursor.row, live - 1), col: cursor.col, visible: cursor.visible });

  return {
    surface: openSurface(area, diff, colours),

    take(frame: Frame) {
      started = true;
      cursor = frame.cursor;
      wanted = Math.max(1, Math.min(frame.liveRows ?? wanted, diff.next.rows - 1));
      if (frame.commit !== undefined) for (const line of frame.commit) queue.push(...wrapLine(line, diff.next.cols));
    },

    render() {
      const parts: Uint8Array[] = [];
      resized = undefined;
      let total = 0;
      do {
        // What could not be written yet must not scroll away.
        if (!diff.unfinished) advance();
        const part = diff.render(place(), patchBudgetBytes);
        if (part.length > 0) parts.push(part);
        total += part.length;
      } while (total < patchBudgetBytes && queue.length > 0);
      if (parts.length === 1) return parts[0]!;
      const bytes = new Uint8Array(total);
      let at = 0;
      for (const part of parts) {
        bytes.set(part, at);
        at += part.length;
      }
      return bytes;
    },

    get unfinished() {
      return diff.unfinished || queue.length > 0;
    },

    resize(cols, rows) {
      if (!started) {
        diff.resize(cols, rows);
        gap = Math.min(gap, rows - 1);
        return;
      }
      if (resized === undefined) resized = measure(cols);
      diff.resize(cols, rows);
      diff.forget({ up: Math.min(resized.up, rows - 1) });
      live = 0;
      gap = Math.min(resized.all, rows - 1);
      wanted = Math.min(wanted, rows - 1);
      // Committed rows that still wait were cut to the old width.
      queue = queue.slice(queued).flatMap((spans) => wrapLine({ spans }, cols));
      queued = 0;
    },

    repaint() {
      if (started) diff.forget({ row: diff.next.rows - live - gap });
    },

    get ownRows() {
      return live + gap;
    },

    leave() {
      if (!started || live + gap === 0) return new Uint8Array(0);
      const row = diff.next.rows - live - gap;
      for (let y = row; y < diff.next.rows; y++) committed.clear(y);
      diff.forget({ row });
      return diff.render({ row, col: 0, visible: true }, patchBudgetBytes);
    },

    close: () => diff.close(),
    get memory() {
      return diff.memory;
    },
  };
}
