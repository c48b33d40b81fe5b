import v8 from "node:v8";
import vm from "node:vm";
import { expect, test } from "vitest";
import { openDiff } from "../../src/kernels/diff.ts";
import type { FrameDiff } from "../../src/kernels/frame-diff.ts";
import { loadKernel } from "../../src/kernels/load.ts";
import { openPlainDiff } from "../../src/kernels/reference/diff.ts";

const kernel = loadKernel("dist/kernels", "diff");
const open = (cols = 200, rows = 60): FrameDiff => openDiff(kernel, { cols, rows, scroll: true, repeat: true, live: false });
const cursor = { row: 0, col: 0, visible: true };
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** What a collector leaves, whatever the runner was started with. */
async function collected(): Promise<void> {
  v8.setFlagsFromString("--expose-gc");
  const gc = vm.runInNewContext("gc") as () => void;
  for (let i = 0; i < 3; i++) {
    gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("200 screens opened and closed one after the other use one memory, and the process does not grow", async () => {
  const memories = new Set<ArrayBufferLike>();
  for (let i = 0; i < 20; i++) open().close();
  await collected();
  const before = process.memoryUsage.rss();
  for (let i = 0; i < 200; i++) {
    const diff = open();
    diff.next.words.fill(65);
    diff.next.dirty.fill(1);
    expect(diff.render(cursor, 1 << 20).length).toBeGreaterThan(0);
    memories.add(diff.next.words.buffer);
    diff.close();
  }
  await collected();
  expect(memories.size).toBe(1);
  // 200 memories of 0.9 MB would be 180 MB.
  expect(process.memoryUsage.rss() - before).toBeLessThan(40 << 20);
});

test("of 200 screens that were open together a handful of memories stays when all are closed", async () => {
  let screens = Array.from({ length: 200 }, (_, i) => open(80 + (i % 5) * 40, 24 + (i % 7) * 6));
  const memories = screens.map((diff) => new WeakRef(diff.next.words.buffer));
  expect(new Set(memories.map((memory) => memory.deref())).size).toBe(200);
  for (const diff of screens) diff.close();
  screens = [];
  await collected();
  // Four are kept; the collector may still find one on the stack.
  expect(memories.filter((memory) => memory.deref() !== undefined).length).toBeLessThanOrEqual(8);
});

test("a screen finds nothing of the one that had its memory before: blank grids, its own clusters and links", () => {
  const first = open(30, 5);
  first.next.words[0] = first.glyph("e\u0301\u0302");
  first.next.words[3] = first.link("https://example.org/secret") << 16;
  first.next.dirty[0] = 1;
  expect(text(first.render(cursor, 1 << 20))).toContain("secret");
  first.close();
  const second = open(30, 5);
  second.forget({ row: 0 });
  expect(text(second.render(cursor, 1 << 20))).not.toMatch(/secret|\u0301/);
  expect(second.next.words.filter((_, at) => at % 4 === 0).every((glyph) => glyph === 32)).toBe(true);
  second.close();
});

test("a closed diff is painted on, resized and rendered without an effect on the screen that has its memory now", () => {
  for (const openOne of [open, () => openPlainDiff({ cols: 200, rows: 60, scroll: true, repeat: true, live: false })]) {
    const closed = openOne();
    closed.close();
    const now = openOne();
    now.next.words[0] = 65;
    now.next.dirty[0] = 1;
    closed.glyph("e\u0301\u0302");
    closed.link("https://example.org/");
    closed.resize(10, 10);
    expect(closed.next.words.length).toBe(0);
    expect(closed.render(cursor, 1 << 20).length).toBe(0);
    closed.close();
    expect(text(now.render(cursor, 1 << 20))).toContain("A");
    now.close();
  }
});

test("a memory that has grown for a very large screen is not kept for small ones", () => {
  const large = open(500, 200);
  const memory = large.next.words.buffer;
  large.close();
  const small = open(80, 24);
  expect(small.next.words.buffer).not.toBe(memory);
  small.close();
});
