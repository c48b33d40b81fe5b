// Word wrap. The rules are those of src/kernels/reference/layout.ts, the plain version: lines break at blanks where that is possible, before
// and after a cluster of two columns, else within a word; blanks at a break are in no line, all others are.
// Budget: ASCII 2 GB/s, as one look for what is not printable and one for the last blank a line; ideographs 1 GB/s, the rest
// 200 MB/s (bench/layout.ts).
import { END_BLANK, END_CUT, END_HARD, IN, LINE_BYTES, LINES } from "../abi/layout";
import { cluster, columns, joinsAt } from "./cluster";
import { lastBlank, printableTo } from "./scan";

const LF: u32 = 10;
const TAB: u32 = 9;
const BLANK: u32 = 32;
const TAB_COLUMNS = 4;

let room: i32 = 1;
/** The next record, and how many there are. */
let out: usize = LINES;
let count: i32 = 0;
/** What is to be read next. */
let p: usize = IN;

/** The line that is being filled: its first byte, the byte behind what is placed in it, its columns. */
let lineStart: usize = IN;
let lineEnd: usize = IN;
let width: i32 = 0;

/** Blanks behind what is placed: they are placed with the next word, or dropped. */
let gapAt: usize = IN;
let gap: i32 = 0;
/** Columns from the beginning of the text to the gap, where a tab is in it. */
let gapTabs: i32 = -1;

/** A word has begun. It waits behind the gap until it ends or does not fit; `placing`: it is in the line already, and cut where that ends. */
let inWord: bool = false;
let placing: bool = false;
let wordAt: usize = IN;
let wordWidth: i32 = 0;

/** A place with known columns since the run or the line feed, for tabs. */
let anchor: usize = IN;
let anchorColumns: i32 = 0;

export function start(columnsMax: i32): void {
  room = columnsMax;
  out = LINES;
  count = 0;
  p = IN;
  inWord = false;
  placing = false;
  wordWidth = 0;
  beginLine(IN);
}

function beginLine(at: usize): void {
  lineStart = at;
  lineEnd = at;
  width = 0;
  gap = 0;
  gapAt = at;
  gapTabs = -1;
}

function endLine(end: usize, how: i32): void {
  store<u32>(out, <u32>(lineStart - IN));
  store<u32>(out, <u32>(end - IN), 4);
  store<u32>(out, (<u32>width << 2) | <u32>how, 8);
  out += LINE_BYTES;
  count++;
}

/** The line ends before `at`, where the next one begins; the gap is dropped. */
function breakAt(at: usize): void {
  endLine(lineEnd, gap > 0 ? END_BLANK : END_CUT);
  beginLine(at);
}

/** Blanks before the first word of a line count `room` columns at most: of more, the first are not shown. */
function placeGap(): void {
  if (gap > room && width == 0) {
    let more = gap - room;
    let at = gapAt;
    let column = gapTabs;
    while (more > 0) {
      const one = load<u8>(at) == TAB ? TAB_COLUMNS - (column & (TAB_COLUMNS - 1)) : 1;
      if (one > more) break;
      more -= one;
      column += one;
      at++;
    }
    lineStart = at;
    gap = room;
  }
  width += gap;
  gap = 0;
  gapTabs = -1;
}

/** A cluster of `add` columns from `at` to `next` belongs to the word. */
function addToWord(at: usize, next: usize, add: i32): void {
  if (!inWord) {
    inWord = true;
    wordAt = at;
    wordWidth = 0;
  }
  if (!placing) {
    if (width == 0) {
      placeGap();
      width += wordWidth;
      placing = true;
    } else if (width + gap + wordWidth + add > room) {
      breakAt(wordAt);
      width = wordWidth;
      placing = true;
    } else wordWidth += add;
  }
  if (placing) {
    if (width + add > room && width > 0) {
      endLine(at, END_CUT);
      beginLine(at);
    }
    width += add;
    lineEnd = next;
  }
}

/** The word ends before `at`: what waited is placed. */
function endWord(at: usize): void {
  if (!inWord) return;
  if (!placing) {
    placeGap();
    width += wordWidth;
  }
  lineEnd = at;
  inWord = false;
  placing = false;
}

/** A cluster that lines may break around. */
function addWide(at: usize, next: usize): void {
  endWord(at);
  if (width > 0 && width + gap + 2 > room) breakAt(at);
  else placeGap();
  if (width > 0 && width + 2 > room) {
    endLine(at, END_CUT);
    beginLine(at);
  }
  width += 2;
  lineEnd = next;
}

function addBlank(at: usize, add: i32): void {
  endWord(at);
  if (gap == 0) gapAt = at;
  gap += add;
}

function addTab(at: usize): void {
  endWord(at);
  let column = anchorColumns;
  let q = anchor;
  while (q < at) {
    q = cluster(q, at);
    column += columns;
  }
  if (gap == 0) gapAt = at;
  if (gapTabs < 0) gapTabs = column - gap;
  const add = TAB_COLUMNS - (column & (TAB_COLUMNS - 1));
  gap += add;
  anchor = at + 1;
  anchorColumns = column + add;
}

function hardEnd(at: usize): void {
  endWord(at);
  endLine(lineEnd, END_HARD);
  p = at + 1;
  beginLine(p);
  anchor = p;
  anchorColumns = 0;
}

/** Whole words from p to the blank at `blank`, then that blank. No word has begun; the words are known to fit. */
function placeTo(blank: usize): void {
  let e = blank;
  while (e > p && load<u8>(e - 1) == BLANK) e--;
  if (e > p) {
    const words = <i32>(e - p);
    placeGap();
    width += words;
    lineEnd = e;
    gapAt = e;
    gap = <i32>(blank - e) + 1;
  } else {
    if (gap == 0) gapAt = p;
    gap += <i32>(blank - p) + 1;
  }
  p = blank + 1;
}

/** Printable ASCII from p on, a line at a time; no word has begun. Stops before what needs a closer look, or at `end`. */
function printable(end: usize): void {
  while (p < end) {
    const free = room - width - gap;
    if (free < 1) return;
    // The byte that would take the column behind the last.
    const over = p + <usize>free;
    const q = printableTo(p, over < end ? over + 1 : end);
    if (q > over && !joinsAt(q, end)) {
      const blank = lastBlank(p, q);
      if (blank == 0) {
        if (width > 0) {
          breakAt(p);
          continue;
        }
        placeGap();
        width = room;
        endLine(over, END_CUT);
        p = over;
        beginLine(p);
        continue;
      }
      placeTo(blank);
      if (blank < over) {
        if (width > 0) breakAt(p);
        continue;
      }
      // The last word ended with the line.
      let next = p;
      while (next < end && load<u8>(next) == BLANK) next++;
      if (next < end && <u32>load<u8>(next) - 0x21 < 0x5e && width > 0) {
        p = next;
        breakAt(p);
        continue;
      }
      return;
    }
    if (q < end && load<u8>(q) == LF) {
      let e = q;
      while (e > p && load<u8>(e - 1) == BLANK) e--;
      if (e > p) {
        placeGap();
        width += <i32>(e - p);
        lineEnd = e;
      }
      hardEnd(q);
      continue;
    }
    // At the end of a run the word may go on in the next; else the last character may be joined by what follows.
    const stop = q == end ? end : q - 1;
    if (stop < p) return;
    const blank = lastBlank(p, stop);
    if (blank != 0) placeTo(blank);
    if (p < stop) {
      inWord = true;
      wordAt = p;
      wordWidth = <i32>(stop - p);
      p = stop;
    }
    return;
  }
}

/** U+4000..9FFF: all wide, none joins anything. */
// @ts-ignore: decorator
@inline
function ideograph(c: u32): bool {
  return c - 0xe4 < 6;
}

/** Ideographs that are followed by one, from p on. No word has begun and no gap. */
function ideographs(end: usize): void {
  let columns = width;
  let at = p;
  while (at + 3 < end && ideograph(load<u8>(at)) && ideograph(load<u8>(at, 3)) && (load<u32>(at) & 0xc0c000) == 0x808000) {
    if (columns + 2 > room && columns > 0) {
      width = columns;
      lineEnd = at;
      endLine(at, END_CUT);
      beginLine(at);
      columns = 0;
    }
    columns += 2;
    at += 3;
  }
  if (at > p) {
    width = columns;
    lineEnd = at;
    p = at;
  }
}

/** Lays out what is left up to `end`: one run. No cluster reaches over it, but words do. */
export function run(end: usize): void {
  anchor = p;
  anchorColumns = 0;
  while (p < end) {
    let c = <u32>load<u8>(p);
    if (!inWord && c - 0x20 < 0x5f) {
      printable(end);
      if (p >= end) return;
      c = <u32>load<u8>(p);
    }
    if (c == LF) {
      hardEnd(p);
      continue;
    }
    if (c == BLANK && (!joinsAt(p + 1, end) || cluster(p, end) == p + 1)) {
      addBlank(p, 1);
      p++;
      continue;
    }
    if (c == TAB) {
      addTab(p);
      p++;
      continue;
    }
    if (ideograph(c) && gap == 0 && !inWord) {
      const at = p;
      ideographs(end);
      if (p > at) continue;
    }
    if (c - 0x21 < 0x5e && p + 1 < end && load<u8>(p + 1) < 0x80) {
      addToWord(p, p + 1, 1);
      p++;
      continue;
    }
    const next = cluster(p, end);
    if (columns == 2) addWide(p, next);
    else addToWord(p, next, columns);
    p = next;
  }
}

/** The text ends: the last line, which may be empty. Answers the number of lines. */
export function finish(): i32 {
  endWord(p);
  endLine(lineEnd, END_HARD);
  return count;
}
