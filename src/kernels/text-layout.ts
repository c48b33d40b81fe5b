// What a view needs of a layout: where a text breaks into lines. Two versions: layout.ts (the WASM kernel) and
// reference/layout.ts (plain, obviously right).

/** How a line ended: at a line feed or the end of the text; at blanks, which are in no line; within a word, or beside a wide character. */
export type LineEnd = "hard" | "blank" | "cut";

export interface TextLayout {
  /**
   * Breaks `texts`, one after the other, into lines of at most `width` columns (a cluster that is wider has a line of its own), at
   * blanks where that is possible, and answers how many there are, at least one. No cluster reaches over the end of a text, words do.
   * The texts are clean (src/ui/layout/measure.ts): no control but \n.
   * What the other members say is valid until the next call.
   */
  wrap(texts: readonly string[], width: number): number;
  /** UTF-16 offset in the texts, taken as one, of a line's first unit and of that behind its last. */
  start(line: number): number;
  end(line: number): number;
  columns(line: number): number;
  ended(line: number): LineEnd;
}
