/** The candidate that a misspelt name probably means, or undefined. `apiKey` finds `api_key`, `opitons` finds `options`. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const bare = (text: string): string => text.replace(/[-_\s]/g, "").toLowerCase();
  const same = candidates.find((candidate) => bare(candidate) === bare(name));
  if (same !== undefined) return same;
  let best: string | undefined;
  // A third of the letters may be wrong, of a short word one.
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const far = distance(bare(name), bare(candidate));
    if (far < least) {
      least = far;
      best = candidate;
    }
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, before[j - 2]! + 1);
      row.push(least);
    }
    before = above;
    above = row;
  }
  return above[b.length]!;
}
