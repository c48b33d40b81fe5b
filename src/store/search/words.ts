// What counts as a word, for the index and for a query alike. SQLite's unicode61 cuts text at everything that is no letter or digit and
// ignores case and accents. Scripts without spaces would be one endless word each, so their characters are set apart here, in the text and
// in the query: each is a word of its own, and a query of several finds them side by side, at any length and anywhere in a run.
import { searchPrefixCharsMin, searchTermsMax } from "../limits.ts";

const dense = String.raw`[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]`;
const letter = String.raw`[\p{L}\p{N}\p{M}\p{Co}]`;
const denseCharacter = new RegExp(dense, "gv");
const oneWord = new RegExp(`${dense}|[${letter}--${dense}]+`, "gv");
/** Everything before Thai has spaces between words. Most text ends here, without the costly look. */
const maybeDense = /[\u0e00-\uffff]/;

const noWord = new RegExp(`[^${letter}]+`, "gv");
const ascii = /^[\0-\x7f]*$/;

/** Text as the index is given it. What is a sign is settled here: unicode61 knows the characters of Unicode 6.1 only. */
export function spaced(text: string): string {
  if (ascii.test(text)) return text;
  const words = text.normalize("NFC").replace(noWord, " ");
  return maybeDense.test(words) ? words.replace(denseCharacter, " $& ") : words;
}

/** Words of a text and where each begins. */
export function* wordsOf(text: string): Iterable<{ word: string; at: number; length: number }> {
  for (const match of text.matchAll(oneWord)) yield { word: folded(match[0]), at: match.index, length: match[0].length };
}

/** Without case and accents, as unicode61 does it. */
const folded = (text: string): string =>
  ascii.test(text) ? text.toLowerCase() : text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Words that must stand side by side, without case and accents, and as they were written. `prefix`: the last one may go on. */
export type Term = { words: string[]; written: string; prefix: boolean };

/**
 * A person's query as terms that all must occur: each word, or several in double quotes. Of the last word a beginning is enough when it has
 * `searchPrefixCharsMin` letters. Signs mean nothing: `foo_bar` is foo beside bar.
 */
export function termsOf(query: string): Term[] {
  const terms: Term[] = [];
  let open = false;
  for (const [whole, quoted] of query.normalize("NFC").matchAll(/"([^"]*)"|[^\s"]+/g)) {
    const found = [...(quoted ?? whole).matchAll(oneWord)].map(([word]) => word).filter((word) => folded(word) !== "");
    if (found.length === 0) continue;
    terms.push({ words: found.map(folded), written: found.join(" "), prefix: false });
    open = quoted === undefined;
    if (terms.length === searchTermsMax) break;
  }
  const last = terms.at(-1);
  const end = last?.words.at(-1) ?? "";
  if (last !== undefined && open) last.prefix = end.length >= searchPrefixCharsMin;
  return terms;
}

/** The terms in FTS5's language. Words hold letters, digits and their marks only and are quoted, so no query is a mistake of syntax. */
export function matchOf(terms: readonly Term[]): string {
  return terms.map(({ written, prefix }) => `"${written}"${prefix ? "*" : ""}`).join(" ");
}
