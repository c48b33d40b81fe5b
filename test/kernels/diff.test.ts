import fs from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openDiff } from "../../src/kernels/diff.ts";
import { loadKernel } from "../../src/kernels/load.ts";
import { checkPatch } from "../../src/protocol/index.ts";
import { type Op, program } from "../support/cell-programs.ts";
import { Rig, type RigOptions } from "../support/frame-rig.ts";

const kernel = loadKernel("dist/kernels", "diff");
const budget = 1 << 20;
const plainStyle = { fg: 0, bg: 0, attrs: 0 };

const corpusFile = new URL("./diff-corpus.json", import.meta.url);
const corpus = JSON.parse(fs.readFileSync(corpusFile, "utf8")) as { name: string; steps: Op[] }[];

function runs(steps: Op[], options: RigOptions): void {
  const rig = new Rig(options);
  for (const step of steps) rig.step(step);
  rig.redraw();
  rig.terminal.dispose();
}

describe("what the terminal shows is what the grid says", () => {
  for (const { name, steps } of corpus) {
    test(`failed once: ${name}`, () => {
      for (const plain of [false, true]) for (const repeat of [false, true]) runs(steps, { plain, repeat });
    });
  }

  test.each([
    ["kernel", {}],
    ["kernel without REP", { repeat: false }],
    ["kernel without scroll regions", { scroll: false }],
    ["plain version", { plain: true }],
  ] as const)("after any program of operations, frame by frame, redrawn, and rendered twice: %s", (_, options) => {
    fc.assert(
      fc.property(program, (steps) => runs(steps, options)),
      { numRuns: options === undefined || "plain" in options ? 60 : 150 },
    );
  });

  test("text beside clusters stays right on a terminal that knows no clusters", () => {
    const rig = new Rig({ widths: "codepoints", cols: 30, rows: 4 });
    rig.surface.text(0, 0, "a👨‍👩‍👧‍👦b🇩🇪c❤️d", plainStyle);
    rig.surface.text(1, 0, "untouched", plainStyle);
    rig.frame();
    rig.surface.text(0, 20, "end", plainStyle);
    rig.frame();
    const row = rig.terminal.lines()[0]!;
    for (const [col, char] of [
      [0, "a"],
      [3, "b"],
      [6, "c"],
      [9, "d"],
      [20, "e"],
    ] as const)
      expect(rig.terminal.cell(0, col).char, row).toBe(char);
    expect(rig.terminal.lines()[1]).toBe("untouched");
    // The family gives way to letters: nothing of it stays.
    rig.surface.clear(0);
    rig.surface.text(0, 0, "abcdefghij", plainStyle);
    rig.frame();
    expect(rig.terminal.lines()[0]).toBe("abcdefghij");
  });

  test("a cluster that would run over the right edge of a terminal without clusters is shown by its base", () => {
    const rig = new Rig({ widths: "codepoints", cols: 10, rows: 2 });
    rig.surface.text(1, 8, "👨‍👩‍👧‍👦", plainStyle);
    rig.frame();
    expect(rig.terminal.lines()).toEqual(["", "        👨"]);
    expect(rig.terminal.scrollback()).toEqual([]);
  });
});

describe("bytes", () => {
  const typed = (rig: Rig) => new TextDecoder().decode(rig.frame()).replaceAll(/\x1b\[\?2026[hl]/g, "");

  test("a typed character at the cursor costs that character", () => {
    const rig = new Rig({ cols: 80, rows: 24 });
    rig.surface.text(20, 2, "hell", plainStyle);
    rig.cursor = { row: 20, col: 6, visible: true };
    rig.frame();
    rig.surface.text(20, 6, "o", plainStyle);
    rig.cursor = { row: 20, col: 7, visible: true };
    expect(typed(rig)).toBe("o");
  });

  test("a transcript that scrolls by a line costs a scroll and that line", () => {
    const rig = new Rig({ cols: 80, rows: 24 });
    const show = (first: number) => {
      for (let row = 0; row < 20; row++) {
        rig.surface.clear(row);
        rig.surface.text(row, 0, `line ${first + row} of the transcript ${(first + row) * 7919}`, plainStyle);
      }
    };
    show(0);
    rig.surface.text(22, 0, "the editor stays", plainStyle);
    rig.frame();
    show(1);
    expect(typed(rig).length).toBeLessThan(70);
    rig.check();
    show(4);
    expect(typed(rig)).toContain("3S");
    rig.check();
    show(1);
    expect(typed(rig)).toContain("3T");
    rig.check();
  });

  test("a line that goes on while it scrolls up costs what is new of it", () => {
    const rig = new Rig({ cols: 80, rows: 24 });
    const show = (rows: string[]) => {
      for (let row = 0; row < 20; row++) {
        rig.surface.clear(row);
        rig.surface.text(row, 0, rows[row]!, plainStyle);
      }
    };
    const past = Array.from({ length: 25 }, (_, i) => `line ${i} of the transcript ${i * 7919}`);
    const growing = "the last line of a paragraph, which is long and grows until it";
    show([...past.slice(0, 19), growing]);
    rig.frame();
    show([...past.slice(1, 19), `${growing} is full`, "and goes on"]);
    expect(typed(rig).length).toBeLessThan(60);
    rig.check();
    // And back: the first row comes along downwards.
    show(["before the transcript", `${past[1]!} grown`, ...past.slice(2, 19), growing]);
    rig.frame();
    rig.check();
  });

  test("a transcript that says the same again and again scrolls all the same", () => {
    const rig = new Rig({ cols: 80, rows: 24 });
    const show = (first: number) => {
      for (let row = 0; row < 20; row++) {
        rig.surface.clear(row);
        rig.surface.text(row, 0, ["one thing", "and another", "and so on"][(first + row) % 3]!, plainStyle);
      }
    };
    show(0);
    rig.frame();
    show(1);
    expect(typed(rig).length).toBeLessThan(40);
    rig.check();
    show(0);
    expect(typed(rig).length).toBeLessThan(40);
    rig.check();
  });

  test("words of one colour are written with the blanks between them", () => {
    const rig = new Rig({ cols: 80, rows: 24 });
    rig.frame();
    rig.surface.text(3, 0, "four words of green", { fg: (1 << 25) | 2, bg: 0, attrs: 1 });
    expect(typed(rig)).toContain("four words of green");
    rig.surface.text(3, 0, "four words of green", { fg: (1 << 25) | 2, bg: 0, attrs: 8 });
    rig.frame();
    rig.check();
  });

  test("scrolling that is told through the surface costs no more", () => {
    const rig = new Rig({ cols: 80, rows: 24 });
    for (let row = 0; row < 24; row++) rig.surface.text(row, 0, `line ${row * 31}`, plainStyle);
    rig.frame();
    rig.surface.scroll(0, 20, 2);
    rig.surface.text(19, 0, "new", plainStyle);
    expect(typed(rig).length).toBeLessThan(50);
    rig.check();
  });

  test("a run of one ASCII character is that character and a repetition; others are written out, as tmux repeats ASCII only", () => {
    const rig = new Rig({ cols: 200, rows: 5 });
    rig.frame();
    rig.surface.text(2, 0, "=".repeat(200), plainStyle);
    expect(typed(rig)).toContain("=\x1b[199b");
    rig.surface.text(2, 0, "─".repeat(200), plainStyle);
    expect(typed(rig)).toContain("─".repeat(200));
    rig.check();
  });

  test("a frame larger than its budget leaves rows for the next one, and together they are right", () => {
    const rig = new Rig({ cols: 500, rows: 200 });
    rig.frame();
    for (let row = 0; row < 200; row++)
      for (let col = 0; col < 500; col++)
        rig.surface.text(row, col, "x", { fg: (1 << 24) | (row * 500 + col), bg: (1 << 24) | (col * 7), attrs: 0 });
    const first = rig.diff.render(rig.cursor, 1 << 20);
    expect(rig.diff.unfinished).toBe(true);
    expect(first.length).toBeLessThan(2 << 20);
    expect(checkPatch(first)).toEqual({ ok: true });
    rig.terminal.write(first);
    let frames = 1;
    do {
      rig.terminal.write(rig.diff.render(rig.cursor, 1 << 20));
      frames++;
    } while (rig.diff.unfinished);
    expect(frames).toBeGreaterThan(2);
    rig.check();
  });

  test("a screen that scrolls on while the rest of a large frame still waits is right when all has come", () => {
    const rig = new Rig({ cols: 500, rows: 60 });
    rig.frame();
    for (let row = 0; row < 60; row++)
      for (let col = 0; col < 500; col++)
        rig.surface.text(row, col, "x", { fg: (1 << 24) | (row * 500 + col), bg: (1 << 24) | (col * 7), attrs: 0 });
    let cut = 0;
    for (let i = 0; i < 5; i++) {
      rig.terminal.write(rig.diff.render(rig.cursor, 1));
      if (rig.diff.unfinished) cut++;
      rig.surface.scroll(2, 50, i % 2 === 0 ? 3 : -2);
      rig.surface.text(30, 0, `painted in between, ${i}`, plainStyle);
    }
    expect(cut).toBeGreaterThan(2);
    do rig.frame();
    while (rig.diff.unfinished);
    rig.check();
  });

  test("a patch is a copy of its own", () => {
    const rig = new Rig();
    rig.surface.text(0, 0, "abc", plainStyle);
    const patch = rig.diff.render(rig.cursor, budget);
    expect(patch.byteLength).toBe(patch.buffer.byteLength);
  });
});

describe("tables", () => {
  test("more different clusters and addresses than there are slots, over time, are all shown", () => {
    const rig = new Rig({ cols: 40, rows: 5 });
    rig.frame();
    for (let i = 0; i < 5_000; i++) {
      const mark = String.fromCharCode(0x300 + (i % 64));
      rig.surface.text(i % 5, (i * 7) % 38, `${String.fromCharCode(97 + (i % 26))}${mark}${String.fromCharCode(0x300 + ((i >> 6) % 64))}`, {
        ...plainStyle,
        link: `https://example.org/${i}`,
      });
      if (i % 200 === 0) rig.frame();
    }
    rig.frame();
    rig.check();
  });

  test("addresses of other schemes and with control characters are no links", () => {
    const diff = openDiff(kernel, { cols: 20, rows: 5, scroll: true, repeat: true, live: false });
    for (const address of [
      "javascript:alert(1)",
      "ftp://x/",
      "https://",
      "data:text/html,x",
      "https://x/\x1b\\evil".repeat(40),
      "HTTPS",
      `https://x/${"a".repeat(600)}`,
    ])
      expect(diff.link(address), address).toBe(0);
    expect(diff.link("https://example.org/a b")).toBeGreaterThan(0);
    expect(diff.link("file:///tmp/a")).toBeGreaterThan(0);
  });

  test("a size out of range is refused", () => {
    expect(() => openDiff(kernel, { cols: 501, rows: 5, scroll: true, repeat: true, live: false })).toThrow(RangeError);
  });
});
