import type { Style } from "../../contracts/view.ts";
import { type Language, languageOf } from "../code/languages.ts";
import type { Theme } from "../theme/index.ts";
import { codeSpans } from "./code-lines.ts";
import { fitLine, type Line, line, type Span, span, spaces } from "./line.ts";
import { wrapHard } from "./wrap.ts";

const hunkHead = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)$/;

/** Tab-separated file heads and other lines before the first hunk are left out: the header of the block names the file. */
const isHead = (text: string): boolean => /^(?:---|\+\+\+|diff |index |Index: |={10,}|\\ No newline)/.test(text);

type Row = { sign: "+" | "-" | " " | "@"; text: string; old: number; fresh: number };

function rowsOf(patch: string): Row[] {
  const rows: Row[] = [];
  let old = 0;
  let fresh = 0;
  let inHunk = false;
  for (const text of patch.split("\n")) {
    const head = hunkHead.exec(text);
    if (head) {
      old = Number(head[1]);
      fresh = Number(head[2]);
      inHunk = true;
      rows.push({ sign: "@", text: head[3]!.trim(), old, fresh });
    } else if (!inHunk || text.startsWith("\\") || (text === "" && rows.length > 0)) {
      if (!isHead(text) && !inHunk && text !== "") rows.push({ sign: " ", text, old: 0, fresh: 0 });
    } else if (text[0] === "+") rows.push({ sign: "+", text: text.slice(1), old: 0, fresh: fresh++ });
    else if (text[0] === "-") rows.push({ sign: "-", text: text.slice(1), old: old++, fresh: 0 });
    else rows.push({ sign: " ", text: text.slice(1), old: old++, fresh: fresh++ });
  }
  return rows;
}

/** A unified diff with line numbers and coloured code. `path` chooses the language. */
export function diffLines(patch: string, path: string, width: number, theme: Theme): Line[] {
  const rows = rowsOf(patch);
  const language = languageOf(path);
  const digits = String(rows.reduce((most, row) => Math.max(most, row.old, row.fresh), 1)).length;
  // Below 60 columns the code needs the room more than the numbers do.
  const numbered = width >= 60;
  return rows.flatMap((row, i) =>
    row.sign === "@" ? hunkLine(row, i, width, theme) : codeRow(row, language, numbered ? digits : 0, width, theme),
  );
}

function hunkLine(row: Row, index: number, width: number, theme: Theme): Line[] {
  const label = row.text ? `⋯ ${row.text}` : "⋯";
  return index === 0 && row.text === "" ? [] : [fitLine(line(span(label, theme.diff.hunk)), Math.min(width, 200))];
}

function codeRow(row: Row, language: Language | undefined, digits: number, width: number, theme: Theme): Line[] {
  const look: { line: Style; mark: Style } =
    row.sign === "+"
      ? { line: theme.diff.add, mark: theme.diff.addMark }
      : row.sign === "-"
        ? { line: theme.diff.remove, mark: theme.diff.removeMark }
        : { line: theme.diff.context, mark: theme.diff.context };
  const number = (value: number): string => (value > 0 ? String(value) : "").padStart(digits);
  const gutter: Span[] = digits > 0 ? [span(`${number(row.old)} ${number(row.fresh)} `, theme.diff.number)] : [];
  const used = digits > 0 ? 2 * digits + 2 : 0;
  const room = Math.max(1, width - used - 2);
  const spans = codeSpans(row.text, language, 0, theme).spans.map((each) => ({
    ...each,
    style: { ...each.style, bg: look.line.bg, ...(row.sign === " " ? { fg: each.style.fg } : {}) },
  }));
  return wrapHard(spans, room).map((part, i) => {
    const body = fitLine(part, room, look.line);
    const head = i === 0 ? gutter : digits > 0 ? [spaces(used)] : [];
    const made = line(...head, span(i === 0 ? `${row.sign} ` : "  ", look.mark), ...body.spans);
    return { ...made, gutter: used, ...(part.soft ? { soft: part.soft } : {}) };
  });
}
