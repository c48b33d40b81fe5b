import { structuredPatch } from "diff";
import type { Diff } from "./task.ts";

/** Unchanged lines around a change. */
const contextLines = 3;
/** Of a patch: what a person may scroll through before an answer. The counts are of all of it. */
const patchCharsMax = 256 << 10;

/**
 * Unified diff of two texts; an empty patch when they are equal.
 * @param editsMax  changed lines up to which the shortest difference is looked for (its cost grows with their square); beyond, the
 *                  changed region is shown as removed and added wholly
 */
export function unifiedDiff(path: string, before: string, after: string, editsMax: number): Diff {
  if (before === after) return { patch: "", additions: 0, removals: 0 };
  const region = changedRegion(before, after);
  const found = structuredPatch(path, path, region.before, region.after, "", "", { context: contextLines, maxEditLength: editsMax });
  const hunks = found?.hunks ?? [replaced(region.before, region.after)];
  let additions = 0;
  let removals = 0;
  const lines = [`--- ${before === "" ? "/dev/null" : `a/${path}`}`, `+++ b/${path}`];
  let chars = 0;
  let left = 0;
  for (const hunk of hunks) {
    lines.push(`@@ -${range(hunk.oldStart + region.line, hunk.oldLines)} +${range(hunk.newStart + region.line, hunk.newLines)} @@`);
    for (const line of hunk.lines) {
      if (line.startsWith("+")) additions++;
      else if (line.startsWith("-")) removals++;
      chars += line.length + 1;
      if (chars <= patchCharsMax) lines.push(line);
      else left++;
    }
  }
  if (left > 0) lines.push(`\\ ${left} more lines of this difference are not shown`);
  return { patch: `${lines.join("\n")}\n`, additions, removals };
}

/** Characters that differ at all: decides where a diff is made. */
export function changedChars(before: string, after: string): number {
  const { before: old, after: now } = changedRegion(before, after);
  return old.length + now.length;
}

/** A range of no lines is named by the line before it. */
const range = (start: number, count: number) => (count === 1 ? `${start}` : `${count === 0 ? start - 1 : start},${count}`);

/** The lines between the common start and the common end, with context around them: the rest need not be compared. */
function changedRegion(before: string, after: string): { before: string; after: string /** Lines before the region. */; line: number } {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let end = 0;
  while (end < shorter - start && before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)) end++;

  for (let back = 0; back <= contextLines && start > 0; back++) start = before.lastIndexOf("\n", start - (back === 0 ? 1 : 2)) + 1;
  let stop = before.length - end;
  for (let on = 0; on <= contextLines && stop < before.length; on++) {
    const at = before.indexOf("\n", stop);
    stop = at < 0 ? before.length : at + 1;
  }
  const kept = before.length - stop;
  let line = 0;
  for (let at = before.indexOf("\n"); at >= 0 && at < start; at = before.indexOf("\n", at + 1)) line++;
  return { before: before.slice(start, stop), after: after.slice(start, after.length - kept), line };
}

function replaced(before: string, after: string) {
  const lines = (text: string, sign: string) => {
    if (text === "") return [];
    const all = text.split("\n");
    const open = all.at(-1) !== "";
    if (!open) all.pop();
    return [...all.map((line) => sign + line), ...(open ? ["\\ No newline at end of file"] : [])];
  };
  const old = lines(before, "-");
  const now = lines(after, "+");
  const count = (hunk: string[]) => hunk.filter((line) => !line.startsWith("\\")).length;
  return {
    oldStart: 1,
    oldLines: count(old),
    newStart: 1,
    newLines: count(now),
    lines: [...old, ...now],
  };
}
