import { nearestLines } from "./nearest.ts";
import { plural } from "./text.ts";
import { replaceLoosely } from "./whitespace.ts";

export type Edit = { old_string: string; new_string: string; replace_all?: boolean | undefined };
export type Replaced =
  | { text: string; count: number /** What a reader must know, e.g. that white space was ignored. */; note?: string }
  | { error: string };

/** Line numbers that an ambiguous edit names. */
const placesMax = 5;

/**
 * Replaces `old_string` in a text. Lines may end in LF or CRLF on either side: they are compared as LF, untouched ones keep their
 * ending and new ones get the file's. When the exact text is missing, whole lines that differ in white space only are taken,
 * if there is exactly one such place.
 */
export function replaceIn(text: string, edit: Edit): Replaced {
  if (edit.old_string === "") return { error: "old_string is empty: that creates a file, and this one exists" };
  const view = new LineFeedView(text);
  const foreign = view.crlf > 0 || edit.old_string.includes("\r\n");
  const find = foreign ? edit.old_string.replaceAll("\r\n", "\n") : edit.old_string;
  const replacement = foreign ? edit.new_string.replaceAll("\r\n", "\n") : edit.new_string;
  if (find === replacement) return { error: "old_string and new_string are the same, so nothing would change" };

  const places = allPlaces(view.text, find);
  if (places.length > 1 && !edit.replace_all) {
    const lines = places.slice(0, placesMax).map((at) => lineOf(view.text, at));
    const more = places.length > placesMax ? ", ..." : "";
    return {
      error: `old_string is found ${places.length} times (lines ${lines.join(", ")}${more}). Give more of the lines around it so that it fits one place only, or set replace_all`,
    };
  }
  if (places.length > 0) {
    return { text: view.splice(places.map((start) => ({ start, end: start + find.length, text: replacement }))), count: places.length };
  }
  const loose = replaceLoosely(view.text, find, replacement);
  if (loose.kind === "found") {
    const result = view.splice([loose]);
    if (result === text) return { error: "old_string fits a place that already reads like new_string, so nothing would change" };
    const where = plural(loose.lines, "line");
    return {
      text: result,
      count: 1,
      note: `The exact text was not found; ${where} from line ${lineOf(view.text, loose.start)} on, equal but for white space, was replaced and new_string was indented like the file. View the file if indentation matters.`,
    };
  }
  if (loose.kind === "several")
    return {
      error: `old_string is not found exactly; with white space ignored it fits ${loose.count} places. View the file and copy the text as it is, with more lines around it`,
    };
  return { error: `old_string is not found${nearestLines(view.text, find)}` };
}

function allPlaces(text: string, find: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(find); at >= 0; at = text.indexOf(find, at + find.length)) places.push(at);
  return places;
}

function lineOf(text: string, at: number): number {
  let line = 1;
  for (let i = text.indexOf("\n"); i >= 0 && i < at; i = text.indexOf("\n", i + 1)) line++;
  return line;
}

/** A text with CRLF read as LF, and the way back to the original's positions. */
class LineFeedView {
  readonly text: string;
  /** Lines that end in CRLF. */
  readonly crlf: number;
  readonly #original: string;
  /** Positions (in the view) of line feeds that had a carriage return before them. */
  readonly #returns: number[] = [];

  constructor(original: string) {
    this.#original = original;
    for (let at = original.indexOf("\r\n"); at >= 0; at = original.indexOf("\r\n", at + 2)) this.#returns.push(at - this.#returns.length);
    this.crlf = this.#returns.length;
    this.text = this.crlf === 0 ? original : original.replaceAll("\r\n", "\n");
  }

  /** The original with ranges of the view replaced; ascending, not overlapping. */
  splice(changes: { start: number; end: number; text: string }[]): string {
    const pieces: string[] = [];
    let from = 0;
    const ending = this.#mostlyCrlf();
    for (const change of changes) {
      pieces.push(this.#original.slice(from, this.#back(change.start)), ending ? change.text.replaceAll("\n", "\r\n") : change.text);
      from = this.#back(change.end);
    }
    pieces.push(this.#original.slice(from));
    return pieces.join("");
  }

  #mostlyCrlf(): boolean {
    if (this.crlf === 0) return false;
    let lines = 0;
    for (let at = this.text.indexOf("\n"); at >= 0; at = this.text.indexOf("\n", at + 1)) lines++;
    return this.crlf * 2 >= lines;
  }

  /** A line feed's position is that of its carriage return, so a pair is never torn. */
  #back(at: number): number {
    let low = 0;
    let high = this.#returns.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#returns[middle]! < at) low = middle + 1;
      else high = middle;
    }
    return at + low;
  }
}
