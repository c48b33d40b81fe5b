import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openTerminal } from "../../support/terminal-oracle.ts";
import { Attached } from "./rig.ts";

/** Everything on the terminal from the top of its scrollback, without blank rows. */
const everything = (it: Attached): string[] => [...it.terminal.scrollback(), ...it.terminal.lines()].filter((line) => line !== "");
const committed = (it: Attached): string[] => everything(it).filter((line) => /^c\d/.test(line));
const live = (it: Attached): string[] => it.terminal.lines().slice(-it.view.liveRows);

describe("an inline screen", () => {
  test("the first patch makes room at the bottom: nothing that was on the terminal is lost", () => {
    const terminal = openTerminal({ cols: 40, rows: 12 });
    const shell = Array.from({ length: 30 }, (_, i) => `shell ${i}`);
    terminal.write(`${shell.join("\r\n")}\r\n$ crush`);
    const it = new Attached({ mode: "inline", terminal });
    it.settle();
    expect(it.patches[0]!.base).toBe(0);
    expect(everything(it)).toEqual([...shell, "$ crush", "live 0", "live 1", ">"]);
    expect(live(it)).toEqual(["live 0", "live 1", ">"]);
    expect(it.terminal.cursor).toEqual({ row: 11, col: 2, visible: true });
  });

  test("after N commits scrollback and screen hold the committed lines, in order, once, and one live region", () => {
    const it = new Attached({ mode: "inline" });
    const all: string[] = [];
    for (let i = 0; i < 200; i++) {
      const line = `c${i}${"x".repeat(i % 30)}`;
      all.push(line);
      it.view.commit(line);
      if (i % 3 === 0) it.settle();
    }
    it.settle();
    expect(everything(it)).toEqual([...all, "live 0", "live 1", ">"]);
  });

  test("a commit of more lines than the screen has rows comes whole", () => {
    const it = new Attached({ mode: "inline" });
    const all = Array.from({ length: 3_000 }, (_, i) => `c${i}`);
    it.view.commit(...all);
    it.settle();
    expect(everything(it)).toEqual([...all, "live 0", "live 1", ">"]);
  });

  test("a line wider than the terminal is committed whole, in rows", () => {
    const it = new Attached({ mode: "inline" });
    it.view.commit(`c0${"漢".repeat(30)}end`);
    it.settle();
    expect(everything(it).slice(0, -3).join("")).toBe(`c0${"漢".repeat(30)}end`);
  });

  test("a live region that grows and shrinks leaves no trace above it", () => {
    const it = new Attached({ mode: "inline" });
    const all: string[] = [];
    for (let i = 0; i < 40; i++) {
      it.view.liveRows = [3, 8, 2, 11, 1, 5][i % 6]!;
      all.push(`c${i}`);
      it.view.commit(`c${i}`);
      it.settle();
      expect(committed(it)).toEqual(all);
      expect(everything(it).length).toBe(all.length + it.view.liveRows);
      expect(live(it).at(-1)).toBe(">");
    }
  });

  test("a live region asked to be higher than the screen leaves the top row to the transcript", () => {
    const it = new Attached({ mode: "inline", rows: 6 });
    it.view.liveRows = 50;
    it.view.commit("c0", "c1", "c2");
    it.settle();
    expect(committed(it)).toEqual(["c0", "c1", "c2"]);
    expect(it.terminal.lines()[5]).toBe(">");
  });

  test("what was live and is committed as it stood is not sent again", () => {
    const it = new Attached({ mode: "inline", cols: 80, rows: 24 });
    it.view.liveRows = 2;
    const text = "c0 a long line that was streamed word by word into the live region";
    it.view.lines = [text];
    it.settle();
    it.view.lines = [];
    it.view.commit(text);
    it.settle();
    expect(committed(it)).toEqual([text]);
    expect(it.patches.at(-1)!.bytes.length).toBeLessThan(70);
  });

  test("scroll regions are never used: rows leave through the terminal's own scrollback", () => {
    const it = new Attached({ mode: "inline", cols: 80, rows: 24 });
    it.view.liveRows = 20;
    for (let i = 0; i < 40; i++) {
      it.view.say(`text ${i * 7919}`);
      it.settle();
    }
    for (const { bytes } of it.patches) expect(new TextDecoder().decode(bytes)).not.toMatch(/\x1b\[\d*[ST]/);
    expect(everything(it).length).toBe(20);
  });

  test("a client that lags misses no committed line", () => {
    const it = new Attached({ mode: "inline" });
    it.settle();
    it.reads = false;
    const all: string[] = [];
    for (let i = 0; i < 100; i++) {
      all.push(`c${i}`);
      it.view.commit(`c${i}`);
      it.screen.tick();
    }
    it.reads = true;
    it.read();
    it.settle();
    expect(everything(it)).toEqual([...all, "live 0", "live 1", ">"]);
  });

  test("leaving clears the live region and puts the cursor where it began", () => {
    const it = new Attached({ mode: "inline" });
    it.view.commit("c0", "c1");
    it.settle();
    it.screen.close();
    expect(everything(it)).toEqual(["c0", "c1"]);
    expect(it.terminal.lines()[it.terminal.cursor.row - 1]).toBe("c1");
    expect(it.terminal.cursor).toMatchObject({ col: 0, visible: true });
    it.terminal.write("bye");
    expect(everything(it)).toEqual(["c0", "c1", "bye"]);
  });

  test("a screen that moves to another worker leaves no hole and no second live region", () => {
    const it = new Attached({ mode: "inline" });
    it.view.commit("c0", "c1");
    it.settle();
    const state = structuredClone(it.screen.state());
    it.screen.close();
    const other = new Attached({ mode: "inline", state, terminal: it.terminal });
    other.view.commit("c2");
    other.settle();
    expect(everything(other)).toEqual(["c0", "c1", "c2", "live 0", "live 1", ">"]);
    const rows = other.terminal.lines();
    expect(rows.indexOf("c2")).toBe(rows.indexOf("c1") + 1);
  });

  test("a repaint clears and paints the live region only", () => {
    const it = new Attached({ mode: "inline" });
    it.view.commit("c0");
    it.settle();
    it.terminal.write("\x1b[12;5Hgarbage");
    it.screen.repaint();
    it.settle();
    expect(everything(it)).toEqual(["c0", "live 0", "live 1", ">"]);
  });

  test("resized between commits, every committed line stays, once and in order, with one live region at the bottom", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.record({ commit: fc.integer({ min: 1, max: 30 }) }),
            fc.record({ live: fc.integer({ min: 1, max: 9 }) }),
            fc.record({ type: fc.constantFrom("k", "some words", "\r") }),
            fc.record({ cols: fc.integer({ min: 20, max: 70 }), rows: fc.integer({ min: 10, max: 30 }) }),
          ),
          { minLength: 1, maxLength: 25 },
        ),
        (steps) => {
          const it = new Attached({ mode: "inline" });
          const all: string[] = [];
          it.settle();
          for (const step of steps) {
            if ("commit" in step) {
              for (let i = 0; i < step.commit; i++) {
                all.push(`c${all.length}`);
                it.view.commit(all.at(-1)!);
              }
              it.settle();
            } else if ("live" in step) {
              it.view.liveRows = step.live;
              it.view.host.invalidate();
              it.settle();
            } else if ("type" in step) {
              if (step.type !== "\r") it.type(step.type);
              else {
                it.view.edited = "";
                it.view.host.invalidate();
              }
              it.settle();
            } else {
              it.terminal.resize(step.cols, step.rows);
              it.screen.resize(step.cols, step.rows);
              it.settle();
            }
          }
          expect(committed(it)).toEqual(all);
          expect(everything(it).length).toBe(all.length + it.view.liveRows);
        },
      ),
      { numRuns: 60 },
    );
  });
});
