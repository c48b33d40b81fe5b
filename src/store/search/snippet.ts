// The piece of a message that shows why it was found.
import { searchSnippetChars } from "../limits.ts";
import { type Term, wordsOf } from "./words.ts";

/** `marks`: [start, length] of what was looked for, in UTF-16 units of `text`. */
export type Snippet = { text: string; marks: [number, number][] };

type Match = { term: number; at: number; length: number };

/** Matches of one text that are looked at: the best place is nearly always among the first. */
const matchesMax = 200;
/** Characters before the first match. */
const lead = 40;

/** Where most of the terms stand close together, on one line. Without a match (it lies beyond what is looked at) the beginning. */
export function snippetOf(texts: readonly string[], terms: readonly Term[]): Snippet {
  let best: { text: string; matches: Match[]; terms: number } = { text: texts[0] ?? "", matches: [], terms: 0 };
  for (const text of texts) {
    const matches = matchesIn(text, terms);
    for (let from = 0; from < matches.length; from++) {
      const near = matches.slice(from).filter(({ at, length }) => at + length <= matches[from]!.at + searchSnippetChars - lead);
      const count = new Set(near.map(({ term }) => term)).size;
      if (count > best.terms) best = { text, matches: near, terms: count };
      if (count === terms.length) break;
    }
    if (best.terms === terms.length) break;
  }
  return cut(best.text, best.matches);
}

function matchesIn(text: string, terms: readonly Term[]): Match[] {
  const matches: Match[] = [];
  const words: { word: string; at: number; length: number }[] = [];
  const longest = Math.max(...terms.map((term) => term.words.length));
  for (const one of wordsOf(text)) {
    words.push(one);
    if (words.length > longest) words.shift();
    for (const [number, { words: wanted, prefix }] of terms.entries()) {
      const from = words.length - wanted.length;
      if (from < 0) continue;
      const all = wanted.every((word, n) => {
        const found = words[from + n]!.word;
        return prefix && n === wanted.length - 1 ? found.startsWith(word) : found === word;
      });
      if (all) matches.push({ term: number, at: words[from]!.at, length: one.at + one.length - words[from]!.at });
    }
    if (matches.length >= matchesMax) break;
  }
  return matches.sort((a, b) => a.at - b.at);
}

function cut(text: string, matches: readonly Match[]): Snippet {
  const first = matches[0]?.at ?? 0;
  const from = wordStart(text, Math.max(0, first - lead), first);
  const to = Math.min(text.length, from + searchSnippetChars);
  const out: Snippet = { text: from > 0 ? "…" : "", marks: [] };
  let at = from;
  for (const match of matches) {
    if (match.at < at || match.at + match.length > to) continue;
    out.text += oneLine(text.slice(at, match.at));
    const found = oneLine(text.slice(match.at, match.at + match.length));
    out.marks.push([out.text.length, found.length]);
    out.text += found;
    at = match.at + match.length;
  }
  out.text += oneLine(text.slice(at, to)).trimEnd();
  if (to < text.length) out.text += "…";
  return { text: out.text.toWellFormed(), marks: out.marks };
}

/** The first beginning of a word at or after `at`, so that no word and no surrogate pair is cut; `most` when there is none before it. */
function wordStart(text: string, at: number, most: number): number {
  if (at === 0) return 0;
  for (let from = at; from < most; from++) if (/\s/.test(text[from - 1]!) && !/\s/.test(text[from]!)) return from;
  return most;
}

const oneLine = (text: string): string => text.replace(/[\s\p{Cc}]+/gu, " ");
