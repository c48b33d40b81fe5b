import { matchesRule } from "./rules.ts";

/** Programs that run what they are given, or destroy: "always" for them is the very same words, or nothing. */
const never =
  /^(sudo|doas|su|env|xargs|parallel|eval|exec|source|\.|command|builtin|nohup|timeout|nice|time|watch|setsid|flock|script|chroot|unshare|busybox|sh|bash|dash|zsh|ksh|fish|pwsh|powershell|cmd)$/;

/** First words of commands whose further arguments say only what to build or test. */
const families: readonly (readonly string[])[] = [
  ...["npm", "pnpm", "yarn"].flatMap((tool) => [
    [tool, "test"],
    [tool, "run", "?"],
  ]),
  ...["build", "test", "check", "clippy", "fmt"].map((sub) => ["cargo", sub]),
  ...["build", "test", "vet"].map((sub) => ["go", sub]),
  ["make", "?"],
  ["pytest"],
  ...["add", "commit", "fetch", "pull"].map((sub) => ["git", sub]),
];

/** The rule that "always" would save for these words: `bash(npm test *)`; undefined when none is narrow enough. */
export function patternFor(words: readonly string[], split: (text: string) => string[] | undefined): string | undefined {
  const name = words[0]!.replace(/^.*\//, "");
  if (never.test(name) || words.some((word) => /[*\n]/.test(word))) return undefined;
  const family = families.find(
    (prefix) =>
      words.length >= prefix.length &&
      prefix.every((part, at) => (part === "?" ? /^[\w:./-]+$/.test(words[at]!) && !words[at]!.startsWith("-") : part === words[at])),
  );
  const fixed = words.slice(0, family ? family.length : words.length).map(quote);
  const text = [...fixed, ...(family ? ["*"] : [])].join(" ");
  const read = split(text);
  // It must come back as what it was, or it says something else than it shows.
  return read !== undefined && matchesRule(read, words) ? `bash(${text})` : undefined;
}

const quote = (word: string): string => (/^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
