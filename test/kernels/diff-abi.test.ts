import { expect, test } from "vitest";
import * as abi from "../../assembly/abi/diff.ts";
import { openDiff } from "../../src/kernels/diff.ts";
import { envelopeRoom } from "../../src/kernels/frame-envelope.ts";
import { loadKernel } from "../../src/kernels/load.ts";
import { checkPatch, patchBytesMax, screenColsMax, screenRowsMax } from "../../src/protocol/index.ts";

test("the regions of the diff kernel's memory lie one after the other, each large enough for the largest screen", () => {
  const { ROWS_MAX } = abi;
  const regions = [
    ["dirty", abi.DIRTY, ROWS_MAX],
    ["live dirty", abi.LIVE_DIRTY, ROWS_MAX],
    ["first", abi.FIRST, ROWS_MAX * 2],
    ["previous rows", abi.PREV_ROWS, ROWS_MAX * 4],
    ["signatures", abi.SIGN, ROWS_MAX * 4],
    ["next signatures", abi.SIGN_NEXT, ROWS_MAX * 4],
    ["votes", abi.VOTES, (2 * ROWS_MAX + 1) * 2],
    ["buckets", abi.BUCKETS, abi.BUCKETS_MAX * 2],
    ["decimals", abi.DECIMAL, 256 * 4],
    ["links", abi.LINKS, abi.LINKS_MAX * abi.LINK_SLOT_BYTES],
    ["graphemes", abi.GRAPHEMES, abi.GRAPHEMES_MAX * abi.GRAPHEME_SLOT_BYTES],
    ["envelope", abi.OUT - envelopeRoom, envelopeRoom],
  ] as const;
  for (const [i, [name, at, bytes]] of regions.entries()) {
    const end = i + 1 < regions.length ? regions[i + 1]![1] : abi.OUT;
    expect(at + bytes, name).toBeLessThanOrEqual(end);
  }
  // Rows are turned by way of the votes; a bucket holds row + 1; slots fit into their words.
  expect(ROWS_MAX * 4).toBeLessThanOrEqual((2 * ROWS_MAX + 1) * 2);
  expect(ROWS_MAX + 1).toBeLessThan(0xffff);
  expect(abi.LINKS_MAX - 1).toBeLessThan(2 ** (32 - abi.LINK_SHIFT));
  expect([screenColsMax, screenRowsMax]).toEqual([abi.COLS_MAX, abi.ROWS_MAX]);
  // A row at its worst, and what came before it, is a patch.
  expect(abi.COLS_MAX * abi.CELL_OUT_MAX + abi.OUT_ROOM).toBeLessThan(patchBytesMax);
});

test("a row in which every cell costs most stays within what a cell may cost, and is right", () => {
  const { COLS_MAX: cols, CELL_OUT_MAX, OUT_ROOM } = abi;
  const diff = openDiff(loadKernel("dist/kernels", "diff"), { cols, rows: 2, scroll: true, repeat: true, live: false });
  const cursor = { row: 0, col: 0, visible: true };
  diff.render(cursor, 1 << 20);
  const { words, dirty } = diff.next;
  const links = Array.from({ length: 100 }, (_, i) => diff.link(`https://example.org/${i}${"a".repeat(480)}`));
  expect(links.every((link) => link > 0)).toBe(true);
  for (let col = 0; col < cols; col++) {
    const at = col * 4;
    words[at] = diff.glyph(`${String.fromCharCode(97 + (col % 26))}${"\u0301".repeat(28)}${String.fromCharCode(0x300 + (col % 64))}`);
    words[at + 1] = (abi.COLOUR_RGB | 0xc8c8c8 | col) >>> 0;
    words[at + 2] = (abi.COLOUR_RGB | 0xe0e0e0 | col) >>> 0;
    words[at + 3] = ((links[col % links.length]! << abi.LINK_SHIFT) | (col % 2 === 0 ? 255 : 0) | abi.CELL_UNSURE) >>> 0;
  }
  dirty[0] = 1;
  let bytes = 0;
  const patches: Uint8Array[] = [];
  do {
    patches.push(diff.render(cursor, 1 << 20));
    bytes += patches.at(-1)!.length;
  } while (diff.unfinished);
  for (const patch of patches) expect(checkPatch(patch)).toEqual({ ok: true });
  expect(bytes).toBeGreaterThan(cols * 550);
  expect(bytes).toBeLessThan(cols * CELL_OUT_MAX + OUT_ROOM);
  const text = Buffer.concat(patches).toString();
  expect(text.match(/example\.org/g)!.length).toBe(cols);
  // What lies behind OUT is the grids: they are as they were painted.
  expect(words.subarray(0, 4)[0]! >>> 31).toBe(1);
  expect(diff.render(cursor, 1 << 20).length).toBe(0);
  diff.close();
});
