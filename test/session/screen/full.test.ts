import { describe, expect, test } from "vitest";
import { patchesInFlightMax } from "../../../src/protocol/index.ts";
import { Attached } from "./rig.ts";

describe("a full screen", () => {
  test("nothing is sent before the first tick; the first patch clears the screen and shows the view", () => {
    const it = new Attached({ mode: "full" });
    it.terminal.write("what was there before");
    expect(it.patches).toEqual([]);
    it.view.say("hello");
    it.settle();
    expect(it.patches.map(({ base, seq }) => [base, seq])).toEqual([[0, 1]]);
    expect(it.terminal.lines().slice(-2)).toEqual(["hello", ">"]);
    expect(it.terminal.lines()[0]).toBe("");
    expect(it.terminal.cursor).toEqual({ row: 11, col: 2, visible: true });
  });

  test("a key is answered before any tick, and costs a few bytes", () => {
    const it = new Attached({ mode: "full" });
    it.settle();
    it.type("x");
    expect(it.patches.length).toBe(2);
    expect(it.patches[1]!.bytes.length).toBe(17); // the character between the two of synchronized output
    expect(it.terminal.lines()[11]).toBe("> x");
  });

  test("every frame, however short, is inside synchronized output", () => {
    const it = new Attached({ mode: "full" });
    it.settle();
    it.type("x");
    for (let i = 0; i < 30; i++) {
      it.view.say(`line ${i}`);
      it.settle();
    }
    expect(it.patches.length).toBeGreaterThan(20);
    for (const { bytes } of it.patches) expect(new TextDecoder().decode(bytes)).toMatch(/^\x1b\[\?2026h[\s\S]*\x1b\[\?2026l$/);
  });

  test("what is said between ticks is one patch", () => {
    const it = new Attached({ mode: "full" });
    it.settle();
    for (let i = 0; i < 50; i++) it.view.say(`line ${i}`);
    expect(it.ticksAsked).toBe(2); // once at the opening
    it.settle();
    expect(it.patches.length).toBe(2);
    expect(it.terminal.lines()[10]).toBe("line 49");
  });

  test("nothing is sent when nothing has changed, and nothing is due", () => {
    const it = new Attached({ mode: "full" });
    it.settle();
    it.view.host.invalidate();
    it.settle();
    expect(it.patches.length).toBe(1);
    expect(it.screen.due).toBe(false);
  });

  test("a client that stops reading gets its credit and no more; nothing is painted for it; then it jumps to the present", () => {
    const it = new Attached({ mode: "full" });
    it.settle();
    it.reads = false;
    for (let i = 0; i < 500; i++) {
      it.view.say(`line ${i}`);
      it.screen.tick();
      it.type("k");
    }
    expect(it.patches.length).toBe(1 + patchesInFlightMax);
    const painted = it.view.paints;
    const memory = it.screen.memory;
    it.view.say("more");
    it.screen.tick();
    expect(it.view.paints).toBe(painted);
    expect(it.screen.due).toBe(false);
    it.reads = true;
    it.read();
    it.acknowledge();
    // One patch after the first acknowledgement brings everything.
    expect(it.patches.length).toBe(2 + patchesInFlightMax);
    expect(it.terminal.lines()[10]).toBe("more");
    expect(it.terminal.lines()[11]).toBe(`> ${"k".repeat(38)}`);
    expect(it.screen.memory).toBe(memory);
  });

  test("acknowledging what was never sent gives no credit", () => {
    const it = new Attached({ mode: "full" });
    it.screen.tick();
    it.screen.ack(1_000_000);
    for (let i = 0; i < 20; i++) {
      it.view.say(`line ${i}`);
      it.screen.tick();
    }
    expect(it.patches.length).toBeLessThanOrEqual(1 + patchesInFlightMax);
  });

  test("after a resize in the middle the terminal shows the view in its new size", () => {
    const it = new Attached({ mode: "full" });
    for (let i = 0; i < 30; i++) it.view.say(`a line with some words in it, number ${i}`);
    it.settle();
    for (const [cols, rows] of [
      [80, 24],
      [20, 5],
      [300, 60],
      [41, 12],
    ] as const) {
      it.terminal.resize(cols, rows);
      it.screen.resize(cols, rows);
      it.settle();
      expect(it.patches.at(-1)!.base).toBe(0);
      expect(it.terminal.lines().slice(-2)).toEqual([`a line with some words in it, number 29`.slice(0, cols).trimEnd(), ">"]);
      expect(it.terminal.scrollback()).toEqual([]);
    }
  });

  test("a size out of range is taken as the nearest in range", () => {
    const it = new Attached({ mode: "full" });
    it.screen.resize(100_000, -3);
    expect([it.view.cols, it.view.rows]).toEqual([500, 5]);
    it.screen.resize(Number.NaN, 2 ** 40);
    expect([it.view.cols, it.view.rows]).toEqual([20, 200]);
  });

  test("a repaint mends a terminal that something else wrote to", () => {
    const it = new Attached({ mode: "full" });
    it.view.say("hello");
    it.settle();
    it.terminal.write("\x1b[2J\x1b[3;4r\x1b[41mgarbage");
    it.screen.repaint();
    it.settle();
    expect(it.terminal.lines().slice(-2)).toEqual(["hello", ">"]);
    expect(it.terminal.state()).toMatchObject({ margins: [0, 11], style: [0, 0, 0] });
  });

  test("a screen that moves goes on with its state elsewhere", () => {
    const it = new Attached({ mode: "full" });
    it.type("half a sen");
    const state = it.screen.state();
    it.screen.close();
    const other = new Attached({ mode: "full", state: structuredClone(state) });
    other.settle();
    expect(other.terminal.lines()[11]).toBe("> half a sen");
  });

  test("after close nothing is painted or sent, whatever comes", () => {
    const it = new Attached({ mode: "full" });
    it.settle();
    it.screen.close();
    const sent = it.patches.length;
    it.type("x");
    it.screen.resize(50, 20);
    it.screen.repaint();
    it.screen.focus(false);
    it.screen.show("s");
    it.screen.tick();
    it.screen.ack(1);
    it.view.host.invalidate();
    it.view.host.effect({ effect: "bell" });
    expect(it.patches.length).toBe(sent);
    expect(it.effects).toEqual([]);
    expect(it.view.closed).toBe(true);
    expect(it.screen.due).toBe(false);
  });

  test("a closed screen holds no grids: its memory is there for the next one", () => {
    const memories = new Set<number>();
    for (let i = 0; i < 200; i++) {
      const it = new Attached({ mode: i % 2 === 0 ? "full" : "inline", cols: 120, rows: 40 });
      it.view.say("hello");
      it.settle();
      expect(it.screen.memory).toBeGreaterThan(100_000);
      it.screen.close();
      memories.add(it.screen.memory);
      it.terminal.dispose();
    }
    expect([...memories]).toEqual([0]);
  });

  test("escape sequences in text reach the terminal as pictures of themselves", () => {
    const it = new Attached({ mode: "full" });
    const before = it.terminal.state();
    it.view.say("\x1b]0;owned\x07\x1b[?1049h\x1b]52;c;aGk=\x07\x9b2J\u202e");
    it.settle();
    expect(it.terminal.state()).toEqual(before);
    expect(it.terminal.lines()[10]).toBe("␛]0;owned␇␛[?1049h␛]52;c;aGk=␇�2J�");
  });

  test("the plain version shows the same", () => {
    const it = new Attached({ mode: "full", plain: true });
    it.view.say("hello");
    it.settle();
    it.type("x");
    expect(it.terminal.lines().slice(-2)).toEqual(["hello", "> x"]);
  });
});
