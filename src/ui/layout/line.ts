import type { Style } from "../../contracts/view.ts";
import { clean, graphemesOf, widthOf } from "./measure.ts";

/** Text of one style. `text` is clean (no control character) and `width` its columns. */
export type Span = { text: string; style: Style; width: number };

/**
 * One row of the transcript, a dialog or the editor. Immutable once made: painters compare lines by identity first.
 * `soft`: continues the line before, which was broken at a `blank` that is not shown or `cut` anywhere; a copy joins them. `gutter`: columns at the left that a copy leaves out.
 * `toggle`: a click folds or unfolds the block.
 */
export type Line = {
  readonly spans: readonly Span[];
  readonly width: number;
  readonly soft?: "blank" | "cut";
  readonly gutter?: number;
  readonly toggle?: boolean;
};

export const blank: Line = { spans: [], width: 0 };

export function span(text: string, style: Style): Span {
  const visible = clean(text);
  return { text: visible, style, width: widthOf(visible) };
}

export function line(...spans: Span[]): Line {
  let width = 0;
  for (const each of spans) width += each.width;
  return { spans, width };
}

export const textLine = (text: string, style: Style): Line => line(span(text, style));

/** Puts `prefix` before a line. Its columns are a gutter unless the line is `copied`. */
export function prefixed(prefix: Span, base: Line, copied = false): Line {
  return {
    ...base,
    spans: [prefix, ...base.spans],
    width: prefix.width + base.width,
    gutter: copied ? (base.gutter ?? 0) : prefix.width + (base.gutter ?? 0),
  };
}

export function indented(columns: number, base: Line): Line {
  return prefixed({ text: " ".repeat(columns), style: plainStyle, width: columns }, base);
}

const plainStyle: Style = { fg: 0, bg: 0, attrs: 0 };
export const spaces = (columns: number, style: Style = plainStyle): Span => ({
  text: " ".repeat(Math.max(0, columns)),
  style,
  width: Math.max(0, columns),
});

/** Columns from..to of a line. A wide character that is cut becomes a space. */
export function sliceLine(base: Line, from: number, to: number): Line {
  const spans: Span[] = [];
  let col = 0;
  for (const each of base.spans) {
    const start = col;
    col += each.width;
    if (col <= from) continue;
    if (start >= to) break;
    if (start >= from && col <= to) {
      spans.push(each);
      continue;
    }
    let text = "";
    let width = 0;
    let at = start;
    for (const g of graphemesOf(each.text)) {
      const end = at + g.width;
      if (at >= from && end <= to) {
        text += g.text;
        width += g.width;
      } else if (end > from && at < to) {
        const cut = Math.min(end, to) - Math.max(at, from);
        text += " ".repeat(cut);
        width += cut;
      }
      at = end;
    }
    if (width > 0 || text !== "") spans.push({ text, style: each.style, width });
  }
  return { ...base, spans, width: spans.reduce((sum, each) => sum + each.width, 0) };
}

/** Cuts a line to `columns`, with an ellipsis when something was lost. */
export function clipLine(base: Line, columns: number): Line {
  if (base.width <= columns) return base;
  if (columns <= 0) return blank;
  const cut = sliceLine(base, 0, columns - 1);
  const last = cut.spans.at(-1)?.style ?? plainStyle;
  return { ...cut, spans: [...cut.spans, { text: "…", style: last, width: 1 }], width: cut.width + 1 };
}

/** A line filled with spaces up to `columns` and cut there. */
export function fitLine(base: Line, columns: number, style: Style = plainStyle): Line {
  if (base.width === columns) return base;
  if (base.width > columns) return fitLine(clipLine(base, columns), columns, style);
  return { ...base, spans: [...base.spans, spaces(columns - base.width, style)], width: columns };
}

/** `base` with columns col.. replaced by `over`. */
export function overlayLine(base: Line, col: number, over: Line, columns: number): Line {
  const left = fitLine(sliceLine(base, 0, col), col);
  const right = sliceLine(base, col + over.width, columns);
  return line(...left.spans, ...over.spans, ...right.spans);
}

/** `left` and `right` on one row of `columns`; the left gives way. */
export function justified(left: Line, right: Line, columns: number): Line {
  if (right.width >= columns) return clipLine(right, columns);
  const room = columns - right.width - (right.width > 0 ? 1 : 0);
  const fitted = fitLine(clipLine(left, room), columns - right.width);
  return line(...fitted.spans, ...right.spans);
}

/** Text of columns from..to as it would be copied. */
export function lineText(base: Line, from = 0, to: number = base.width): string {
  const start = Math.max(from, base.gutter ?? 0);
  return sliceLine(base, start, to)
    .spans.map((each) => each.text)
    .join("");
}

/** Equal as far as anybody can see. */
export function sameLook(a: Line, b: Line): boolean {
  if (a === b) return true;
  if (a.width !== b.width || a.spans.length !== b.spans.length) return false;
  for (let i = 0; i < a.spans.length; i++) {
    const x = a.spans[i]!;
    const y = b.spans[i]!;
    if (x.text !== y.text || !sameStyle(x.style, y.style)) return false;
  }
  return true;
}

function sameStyle(a: Style, b: Style): boolean {
  return a === b || (a.fg === b.fg && a.bg === b.bg && a.attrs === b.attrs && a.link === b.link);
}

/** Restyles columns from..to (a selection, a highlighted row). */
export function restyle(base: Line, from: number, to: number, change: (style: Style) => Style): Line {
  if (from >= to) return base;
  const left = sliceLine(base, 0, from);
  const middle = sliceLine(base, from, to);
  const right = sliceLine(base, to, base.width);
  return { ...base, spans: [...left.spans, ...middle.spans.map((each) => ({ ...each, style: change(each.style) })), ...right.spans] };
}
