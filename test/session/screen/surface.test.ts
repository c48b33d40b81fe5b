import { describe, expect, test } from "vitest";
import { colourPalette, colourRgb, type Style } from "../../../src/contracts/view.ts";
import { openPlainDiff } from "../../../src/kernels/reference/diff.ts";
import { colourMap } from "../../../src/session/screen/colours.ts";
import { openSurface } from "../../../src/session/screen/surface.ts";
import { openTerminal } from "../../support/terminal-oracle.ts";

const plain: Style = { fg: 0, bg: 0, attrs: 0 };

function painted(cols = 10, rows = 3, colours: "none" | "16" | "256" | "true" = "true") {
  const diff = openPlainDiff({ cols, rows, scroll: true, repeat: true, live: false });
  const surface = openSurface(() => diff.next, diff, colours);
  const show = () => {
    const terminal = openTerminal({ cols, rows });
    diff.forget({ row: 0 });
    terminal.write(diff.render({ row: 0, col: 0, visible: true }, 1 << 20));
    return terminal;
  };
  return { diff, surface, show };
}

describe("text", () => {
  test("answers the column after the last grapheme, clipped at the right edge", () => {
    const { surface, show } = painted();
    expect(surface.text(0, 2, "漢字", plain)).toBe(6);
    expect(surface.text(1, 0, "more than ten columns", plain)).toBe(10);
    expect(surface.text(2, 20, "off", plain)).toBe(20);
    expect(surface.text(9, 0, "below", plain)).toBe(0);
    expect(show().lines()).toEqual(["  漢字", "more than", ""]);
  });

  test("a wide grapheme that does not fit shows as a space, on either edge", () => {
    const { surface, show } = painted();
    surface.text(0, 0, "xxxxxxxxxx", plain);
    expect(surface.text(0, 9, "漢", plain)).toBe(10);
    surface.text(1, 0, "xxxxxxxxxx", plain);
    expect(surface.text(1, -1, "漢y", plain)).toBe(2);
    expect(show().lines()).toEqual(["xxxxxxxxx", " yxxxxxxxx", ""]);
  });

  test("whatever overwrites one half of a wide grapheme blanks the other", () => {
    const { surface, show } = painted();
    surface.text(0, 0, "漢字漢字漢", plain);
    surface.text(0, 1, "a", plain);
    surface.text(0, 4, "b", plain);
    surface.fill(0, 7, 8, plain);
    expect(show().lines()[0]).toBe(" a字b   漢");
  });

  test("only touched rows are dirty", () => {
    const { diff, surface } = painted();
    diff.next.dirty.fill(0);
    surface.text(1, 0, "x", plain);
    surface.text(2, 0, "", plain);
    surface.text(2, 3, "\u200b", plain);
    expect([...diff.next.dirty]).toEqual([0, 1, 0]);
  });
});

test("scrolling moves rows and clears those that it leaves, in both directions and further than there are rows", () => {
  const { surface, show } = painted(10, 5);
  const fill = () => {
    for (let row = 0; row < 5; row++) {
      surface.clear(row);
      surface.text(row, 0, `row ${row}`, plain);
    }
  };
  fill();
  surface.scroll(1, 3, 1);
  expect(show().lines()).toEqual(["row 0", "row 2", "row 3", "", "row 4"]);
  fill();
  surface.scroll(0, 3, -2);
  expect(show().lines()).toEqual(["", "", "row 0", "row 1", "row 4"]);
  fill();
  surface.scroll(-5, 99, 99);
  expect(show().lines()).toEqual(["", "", "", "", ""]);
});

describe("colours", () => {
  test.each([
    ["256", colourRgb | 0xff0000, colourPalette | 196],
    ["256", colourRgb | 0x808080, colourPalette | 244],
    ["256", colourRgb | 0x5f87af, colourPalette | 67],
    ["256", colourPalette | 3, colourPalette | 3],
    ["16", colourRgb | 0xfe0101, colourPalette | 9],
    ["16", colourRgb | 0x000000, colourPalette | 0],
    ["16", colourPalette | 196, colourPalette | 9],
    ["16", colourPalette | 5, colourPalette | 5],
    ["none", colourRgb | 0xff0000, 0],
    ["none", colourPalette | 5, 0],
    ["true", colourRgb | 0x123456, colourRgb | 0x123456],
    ["256", 0, 0],
    ["16", 0, 0],
  ] as const)("%s: %i is shown as %i", (depth, colour, expected) => {
    expect(colourMap(depth)(colour)).toBe(expected);
  });

  test("each of the 256 colours is its own nearest", () => {
    const map = colourMap("256");
    for (const [index, rgb] of [
      [16, 0x000000],
      [21, 0x0000ff],
      [231, 0xffffff],
      [232, 0x080808],
      [250, 0xbcbcbc],
      [110, 0x87afd7],
    ] as const)
      expect(map(colourRgb | rgb)).toBe(colourPalette | index);
  });

  test("without colours attributes stay", () => {
    const { surface, show } = painted(10, 2, "none");
    surface.text(0, 0, "x", { fg: colourRgb | 0xff0000, bg: colourPalette | 4, attrs: 1 | 32 });
    expect(show().cell(0, 0)).toMatchObject({ char: "x", fg: 0, bg: 0, attrs: 33 });
  });
});
