/** The rules of the user for commands. A rule that cannot be read covers nothing. */
export type Rules = { all: boolean; patterns: string[][] };

export function parseRules(rules: readonly string[], split: (text: string) => string[] | undefined): Rules {
  const patterns: string[][] = [];
  let all = false;
  for (const rule of rules) {
    const text = rule.trim();
    if (text === "bash" || text === "bash:execute") all = true;
    const inside = /^bash\((.*)\)$/s.exec(text)?.[1];
    const words = inside === undefined ? undefined : split(inside);
    if (words !== undefined && words.length > 0) patterns.push(words);
  }
  return { all, patterns };
}

/** Word by word; a last `*` of its own stands for any further words, a `*` within a word for any characters. The name is plain. */
export function matchesRule(pattern: readonly string[], words: readonly string[]): boolean {
  const open = pattern.length > 1 && pattern.at(-1) === "*";
  const fixed = open ? pattern.slice(0, -1) : pattern;
  if (words.length < fixed.length || (!open && words.length !== fixed.length)) return false;
  return fixed.every((part, at) => (at === 0 ? part === words[0] : matchesWord(part, words[at]!)));
}

function matchesWord(pattern: string, word: string): boolean {
  if (!pattern.includes("*")) return pattern === word;
  return new RegExp(
    `^${pattern
      .split("*")
      .map((part) => part.replace(/[\\^$.+?()[\]{}|/]/g, "\\$&"))
      .join(".*")}$`,
    "su",
  ).test(word);
}
