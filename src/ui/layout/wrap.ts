import { IN_BYTES } from "../../../assembly/abi/layout.ts";
import type { Style } from "../../contracts/view.ts";
import { plainLayout } from "../../kernels/reference/layout.ts";
import type { TextLayout } from "../../kernels/text-layout.ts";
import type { Line, Span } from "./line.ts";
import { cleanLines, graphemesOf, isClean, isPrintable, widthOf } from "./measure.ts";

export type Run = { text: string; style: Style };

/** Where texts break: the plain version until the thread has given its kernel. It keeps nothing from one call to the next. */
let layout: TextLayout = plainLayout();

/** Lays out with `kernel` from now on; for the whole thread, once, when its first view is opened. */
export function useLayout(kernel: TextLayout): void {
  layout = kernel;
}

/**
 * Breaks runs into lines of at most `width` columns, at blanks where that is possible. \n ends a line. Blanks at a break are
 * dropped, all others kept. At least one line is answered.
 * Budget: 100 KB of prose in 3 ms, as paragraphs; a delta's last line of ASCII under 1 us (bench/ui-stream.ts).
 */
export function wrap(runs: readonly Run[], width: number): Line[] {
  const room = Math.max(1, width);
  const [only] = runs;
  if (runs.length === 1 && only!.text.length > stretchUnitsMax)
    return stretches(only!.text).flatMap((text) => brokenLines([{ text, style: only!.style }], room));
  return oneLine(runs, room) ?? brokenLines(runs, room);
}

/** So much is sure to have room in the kernel: three bytes a unit at most. */
const stretchUnitsMax = IN_BYTES / 4;

/** A long text, cut at line feeds: what is laid out behind one does not depend on what was before it. */
function stretches(text: string): string[] {
  const all: string[] = [];
  let from = 0;
  while (text.length - from > stretchUnitsMax) {
    let end = text.lastIndexOf("\n", from + stretchUnitsMax);
    if (end < from) end = text.indexOf("\n", from);
    if (end < 0) break;
    all.push(text.slice(from, end));
    from = end + 1;
  }
  all.push(text.slice(from));
  return all;
}

/** ASCII that fits, as most of what is laid out again at each delta does: here the way to the kernel would cost more than the work. */
function oneLine(runs: readonly Run[], room: number): Line[] | undefined {
  let length = 0;
  for (const { text } of runs) {
    length += text.length;
    if (length > room || !isPrintable(text)) return undefined;
  }
  const spans: Span[] = [];
  let width = 0;
  for (const { text, style } of runs) width += addSpan(spans, text, style, text.length);
  return [{ spans, width: width - dropBlanks(spans) }];
}

/** Blanks at the end of a line are not shown. Answers how many there were. */
function dropBlanks(spans: Span[]): number {
  let dropped = 0;
  for (let last = spans.pop(); last !== undefined; last = spans.pop()) {
    const text = last.text.trimEnd();
    dropped += last.text.length - text.length;
    if (text === "") continue;
    spans.push(text.length === last.text.length ? last : { text, style: last.style, width: text.length });
    return dropped;
  }
  return dropped;
}

/** Neighbours of one style are one span. Answers the columns. */
function addSpan(spans: Span[], text: string, style: Style, width: number): number {
  const last = spans.at(-1);
  if (text === "") return 0;
  if (last !== undefined && last.style === style) spans[spans.length - 1] = { text: last.text + text, style, width: last.width + width };
  else spans.push({ text, style, width });
  return width;
}

function brokenLines(runs: readonly Run[], room: number): Line[] {
  const texts = runs.map(({ text }) => (isClean(text) ? text : cleanLines(text)));
  const count = layout.wrap(texts, room);
  const lines: Line[] = [];
  /** The run that the line begins in, and where that begins in all of the text. */
  let run = 0;
  let base = 0;
  let soft: "blank" | "cut" | undefined;
  for (let i = 0; i < count; i++) {
    const start = layout.start(i);
    const end = layout.end(i);
    const width = layout.columns(i);
    while (run < texts.length - 1 && start >= base + texts[run]!.length) base += texts[run++]!.length;
    const spans = start === end ? [] : spansOf(texts, runs, run, start - base, end - base, width);
    lines.push(soft ? { spans, width, soft } : { spans, width });
    const ended = layout.ended(i);
    soft = ended === "hard" ? undefined : ended;
  }
  return lines;
}

/** What lies from..to, counted from the beginning of `run`; `width` columns in all. */
function spansOf(texts: readonly string[], runs: readonly Run[], run: number, from: number, to: number, width: number): Span[] {
  const first = texts[run]!;
  const { style } = runs[run]!;
  if (to <= first.length) return [{ text: first.slice(from, to), style, width }];
  const spans: Span[] = [];
  let left = width;
  let at = from;
  let rest = to;
  for (let i = run; rest > 0; i++) {
    const text = texts[i]!;
    const part = text.slice(at, rest);
    // The last one has what the others leave, so only they are measured.
    left -= addSpan(spans, part, runs[i]!.style, rest <= text.length ? left : widthOf(part));
    rest -= text.length;
    at = 0;
  }
  return spans;
}

/** Breaks one line of code exactly at `width`; nothing is dropped. */
export function wrapHard(spans: readonly Span[], width: number): Line[] {
  let total = 0;
  for (const each of spans) total += each.width;
  if (total <= width) return [{ spans, width: total }];
  const room = Math.max(1, width);
  const lines: Line[] = [];
  let open: Span[] = [];
  let filled = 0;
  const cut = (): void => {
    lines.push(lines.length > 0 ? { spans: open, width: filled, soft: "cut" } : { spans: open, width: filled });
    open = [];
    filled = 0;
  };
  for (const { text, style, width: columns } of spans) {
    if (filled + columns <= room) {
      filled += addSpan(open, text, style, columns);
      continue;
    }
    if (columns === text.length && isPrintable(text)) {
      for (let at = 0; at < text.length; ) {
        if (filled >= room) cut();
        const part = text.slice(at, at + room - filled);
        filled += addSpan(open, part, style, part.length);
        at += part.length;
      }
      continue;
    }
    let part = "";
    let partWidth = 0;
    for (const g of graphemesOf(text)) {
      if (filled + partWidth + g.width > room && filled + partWidth > 0) {
        filled += addSpan(open, part, style, partWidth);
        cut();
        part = "";
        partWidth = 0;
      }
      part += g.text;
      partWidth += g.width;
    }
    filled += addSpan(open, part, style, partWidth);
  }
  cut();
  return lines;
}
