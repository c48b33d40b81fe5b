// Ranking of paths for a few typed characters. Higher is better; undefined = does not match.

/** Longer queries are cut: nobody types them, somebody may paste them. */
const queryCharsMax = 100;

const bonusStart = 12; // first character of a name or of the path
const bonusBoundary = 8; // after / . _ - or at a capital
const bonusRun = 6; // directly behind the one before
const bonusName = 5; // in the last component
const penaltyGap = 1; // for each character that is skipped within a component, at most 8

/**
 * How well the characters of `query`, in order, fit `path`. A path that ends with the query wins over all, a name that starts with
 * it comes next. Cost: two passes over the path, no allocation.
 */
export function score(path: string, lower: string, query: string): number | undefined {
  if (query === "") return -path.length;
  const name = lower.lastIndexOf("/", lower.length - 2) + 1;
  // From behind, so that characters are looked for in the name first.
  let at = lower.length;
  let total = 0;
  let last = -1;
  for (let i = query.length - 1; i >= 0; i--) {
    const character = query.charCodeAt(i);
    do at--;
    while (at >= 0 && lower.charCodeAt(at) !== character);
    if (at < 0) return undefined;
    if (at >= name) total += bonusName;
    if (at === name || at === 0) total += bonusStart;
    else if (boundary(path, at)) total += bonusBoundary;
    if (last === at + 1) total += bonusRun;
    else if (last >= 0) total -= Math.min(8, (last - at - 1) * penaltyGap);
    last = at;
  }
  if (lower.startsWith(query, name)) total += 60 + (lower.length - name === query.length ? 40 : 0);
  else if (lower.includes(query, name)) total += 40;
  else if (lower.includes(query)) total += 25;
  if (lower.endsWith(query)) total += 30;
  if (query.length > 1 && isInitials(path, lower, query)) total += 20;
  return total * 4 - path.length;
}

/** "ctr" for coordinator/turn/runner.ts: every character begins a word. */
function isInitials(path: string, lower: string, query: string): boolean {
  let matched = 0;
  for (let at = 0; at < lower.length && matched < query.length; at++) {
    if (lower.charCodeAt(at) === query.charCodeAt(matched) && (at === 0 || boundary(path, at))) matched++;
  }
  return matched === query.length;
}

function boundary(path: string, at: number): boolean {
  const before = path.charCodeAt(at - 1);
  const here = path.charCodeAt(at);
  const isUpper = here >= 65 && here <= 90;
  const wasLower = before >= 97 && before <= 122;
  return before === 47 || before === 46 || before === 95 || before === 45 || before === 32 || (isUpper && wasLower);
}

/** The best `limit` paths, best first; ties by name. Spaces in the query are ignored. */
export function rank(paths: readonly string[], lowers: readonly string[], query: string, limit: number): string[] {
  const wanted = query.toLowerCase().replace(/\s+/g, "").slice(0, queryCharsMax);
  const found: { path: string; score: number }[] = [];
  for (let i = 0; i < paths.length; i++) {
    const value = score(paths[i]!, lowers[i]!, wanted);
    if (value !== undefined) found.push({ path: paths[i]!, score: value });
  }
  found.sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1));
  return found.slice(0, limit).map((one) => one.path);
}
