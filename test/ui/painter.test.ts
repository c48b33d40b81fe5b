import fc from "fast-check";
import { expect, test } from "vitest";
import { type Line, textLine } from "../../src/ui/layout/line.ts";
import { Painter } from "../../src/ui/painter.ts";
import { MemorySurface } from "../support/memory-surface.ts";

const style = { fg: 0, bg: 0, attrs: 0 };
const pool = Array.from({ length: 30 }, (_, i) => textLine(`line ${i} 漢`, style));
const rowsOf = (surface: MemorySurface): string[] => surface.lines;

test("after any frames the surface equals one painted from nothing", () => {
  const frame = fc.record({ from: fc.nat({ max: 20 }), change: fc.nat({ max: 9 }), rows: fc.integer({ min: 0, max: 9 }) });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 12, size: "max" }), (frames) => {
      const surface = new MemorySurface(20, 10);
      const painter = new Painter();
      for (const { from, change, rows } of frames) {
        const want: Line[] = pool.slice(from, from + rows + 1);
        want[Math.min(change, want.length - 1)] = textLine(`changed ${from}`, style);
        painter.paint(surface, want, { top: 0, bottom: Math.min(7, want.length - 1) });
        const fresh = new MemorySurface(20, 10);
        new Painter().paint(fresh, want);
        expect(rowsOf(surface)).toEqual(rowsOf(fresh));
      }
    }),
  );
});

test("a scrolled region is moved and only the new row is painted", () => {
  const surface = new MemorySurface(20, 10);
  const painter = new Painter();
  painter.paint(surface, pool.slice(0, 10), { top: 1, bottom: 8 });
  const next = [pool[0]!, ...pool.slice(2, 10), pool[9]!];
  painter.paint(surface, next, { top: 1, bottom: 8 });
  expect(surface.scrolls).toEqual([[1, 8, 1]]);
  expect(painter.painted).toBe(1);
});

test("a frame that looks the same paints nothing, even when its lines were made anew", () => {
  const surface = new MemorySurface(20, 10);
  const painter = new Painter();
  painter.paint(surface, pool.slice(0, 10));
  surface.settle();
  painter.paint(
    surface,
    Array.from({ length: 10 }, (_, i) => textLine(`line ${i} 漢`, { ...style })),
  );
  expect(surface.touched.size).toBe(0);
});
