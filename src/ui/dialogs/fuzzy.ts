/**
 * How well `query` fits `text`: its characters in order, better when they are together and at the starts of words.
 * @returns undefined when it does not fit; higher is better
 */
function fuzzyScore(query: string, text: string): number | undefined {
  if (query === "") return 0;
  const wanted = query.toLowerCase();
  const given = text.toLowerCase();
  let score = 0;
  let from = 0;
  let last = -2;
  for (const char of wanted) {
    if (char === " ") continue;
    const at = given.indexOf(char, from);
    if (at < 0) return undefined;
    score += at === last + 1 ? 3 : at === 0 || /[^\p{L}\p{N}]/u.test(given[at - 1]!) ? 2 : 0;
    score -= Math.min(3, at - from) * 0.1;
    last = at;
    from = at + char.length;
  }
  return given.includes(wanted) ? score + 5 : score;
}

/** Those that fit, best first; without a query all, in their order. */
export function fuzzyFilter<T>(items: readonly T[], query: string, textOf: (item: T) => string): T[] {
  if (query.trim() === "") return [...items];
  return items
    .map((item) => ({ item, score: fuzzyScore(query, textOf(item)) }))
    .filter((each): each is { item: T; score: number } => each.score !== undefined)
    .sort((a, b) => b.score - a.score)
    .map((each) => each.item);
}
