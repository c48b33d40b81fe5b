// The layout kernel's plain version: the same breaks from the same rules, cluster by cluster, without a shortcut.
import { type Grapheme, graphemeAt } from "../../terminal/width.ts";
import type { LineEnd, TextLayout } from "../text-layout.ts";

type Cluster = { at: number; next: number; width: number };
type Row = { start: number; end: number; width: number; ended: LineEnd };

/** Lays out one text; see TextLayout.wrap. */
class Rows {
  readonly done: Row[] = [];
  private readonly room: number;
  private start = 0;
  private end = 0;
  private width = 0;
  private word: Cluster[] = [];
  private gap = 0;

  constructor(room: number) {
    this.room = room;
  }

  cluster(one: Cluster, blank: boolean): void {
    if (blank) {
      this.flush();
      this.gap++;
      return;
    }
    // Lines may break before and after what is two columns wide.
    if (one.width === 2) this.flush();
    this.word.push(one);
    if (one.width === 2) this.flush();
  }

  /** The line ends as `ended` says; the next begins at `at`. */
  row(ended: LineEnd, at: number): void {
    this.flush();
    this.close(this.end, ended, at);
  }

  private close(end: number, ended: LineEnd, at: number): void {
    this.done.push({ start: this.start, end, width: this.width, ended });
    this.start = at;
    this.end = at;
    this.width = 0;
    this.gap = 0;
  }

  /** Places the word, with the blanks before it or on the next line. */
  private flush(): void {
    const [first] = this.word;
    if (!first) return;
    const wide = this.word.reduce((sum, one) => sum + one.width, 0);
    if (this.width > 0 && this.width + this.gap + wide > this.room) this.close(this.end, this.gap > 0 ? "blank" : "cut", first.at);
    else if (this.width === 0 && this.gap > this.room) {
      // Of more blanks than a line has columns, the first are not shown.
      this.start = first.at - this.room;
      this.gap = this.room;
    }
    this.width += this.gap;
    this.gap = 0;
    for (const one of this.word) {
      if (this.width > 0 && this.width + one.width > this.room) this.close(one.at, "cut", one.at);
      this.width += one.width;
      this.end = one.next;
    }
    this.word = [];
  }
}

export function plainLayout(): TextLayout {
  let rows: Row[] = [];
  const one: Grapheme = { text: "", width: 0, unsure: false };
  return {
    wrap(texts, width) {
      const open = new Rows(Math.max(1, width));
      let base = 0;
      for (const text of texts) {
        for (let at = 0; at < text.length; ) {
          if (text[at] === "\n") {
            at++;
            open.row("hard", base + at);
            continue;
          }
          const next = graphemeAt(text, at, one);
          open.cluster({ at: base + at, next: base + next, width: one.width }, text.slice(at, next) === " ");
          at = next;
        }
        base += text.length;
      }
      open.row("hard", base);
      rows = open.done;
      return rows.length;
    },
    start: (line) => rows[line]!.start,
    end: (line) => rows[line]!.end,
    columns: (line) => rows[line]!.width,
    ended: (line) => rows[line]!.ended,
  };
}
