/** Lines that are compared; a hint is not worth more. */
const linesMax = 20_000;
/** Lines that are shown around the nearest one. */
const shownMax = 5;
const alikeMin = 0.55;
const lineCharsMax = 300;

/** For an edit whose text is not in the file: where it nearly is, with white space made visible; empty when nothing is near. */
export function nearestLines(text: string, find: string): string {
  const wanted = find.split("\n");
  const first = wanted.findIndex((line) => line.trim() !== "");
  const lines = text.split("\n");
  const pairs = pairsOf(wanted[first] ?? "");
  let best = -1;
  let bestLikeness = alikeMin;
  for (let at = 0; at < Math.min(lines.length, linesMax); at++) {
    const likeness = alike(pairs, lines[at]!);
    if (likeness > bestLikeness) [best, bestLikeness] = [at, likeness];
  }
  if (best < 0) return ". View the file and copy the text as it is";
  const from = Math.max(0, best - Math.max(0, first));
  const shown = lines.slice(from, from + Math.min(shownMax, wanted.length));
  const numbered = shown
    .map((line, index) => `${String(from + index + 1).padStart(6)}|${showSpace(line.slice(0, lineCharsMax))}`)
    .join("\n");
  return `. The nearest lines of the file are these (leading spaces shown as ·, tabs as →):\n${numbered}`;
}

const showSpace = (line: string) => line.replace(/^[ \t]+|[ \t]+$/g, (space) => space.replaceAll("\t", "→").replaceAll(" ", "·"));

function pairsOf(line: string): Set<string> {
  const plain = line.replace(/\s+/g, "").slice(0, lineCharsMax);
  const pairs = new Set<string>();
  for (let i = 0; i + 1 < plain.length; i++) pairs.add(plain.slice(i, i + 2));
  return pairs;
}

/** Dice's coefficient over pairs of characters: 1 = the same, white space apart. */
function alike(pairs: Set<string>, line: string): number {
  const others = pairsOf(line);
  if (pairs.size === 0 || others.size === 0) return 0;
  let common = 0;
  for (const pair of others) if (pairs.has(pair)) common++;
  return (2 * common) / (pairs.size + others.size);
}
