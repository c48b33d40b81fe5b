import fc from "fast-check";
import { expect, test } from "vitest";
import { OutputRing } from "../../src/process/output.ts";

test("output that fits is kept byte for byte, however it is cut", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), fc.array(fc.integer({ min: 1, max: 7 })), (text, cuts) => {
      const bytes = Buffer.from(text);
      fc.pre(bytes.length <= 64);
      const ring = new OutputRing(32, 32);
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const size = cuts[i % Math.max(1, cuts.length)] ?? bytes.length;
        ring.push(bytes.subarray(at, at + size));
        at += size;
      }
      expect(ring.text()).toBe(bytes.toString());
      expect(ring.truncated).toBe(false);
    }),
  );
});

test("of longer output whole lines of head and tail are kept, and every missing line is counted", () => {
  fc.assert(
    fc.property(fc.integer({ min: 40, max: 300 }), fc.integer({ min: 1, max: 50 }), (count, size) => {
      const lines = Array.from({ length: count }, (_, i) => `line ${i}\n`);
      const bytes = Buffer.from(lines.join(""));
      const ring = new OutputRing(64, 64);
      for (let at = 0; at < bytes.length; at += size) ring.push(bytes.subarray(at, at + size));
      const text = ring.text("/the/file");
      const [, head, cut, tail] = /^([\s\S]*?)\n\.\.\. \[(\d+) lines truncated, all of it is in \/the\/file\] \.\.\.\n\n([\s\S]*)$/.exec(
        text,
      )!;
      const kept = [...head!.split("\n"), ...tail!.split("\n")].filter((line) => line !== "");
      for (const line of kept) expect(lines).toContain(`${line}\n`);
      expect(kept.length + Number(cut)).toBe(count);
      expect(tail!.endsWith(`line ${count - 1}\n`)).toBe(true);
      expect(head!.startsWith("line 0\n")).toBe(true);
    }),
  );
});

test("one endless line is cut at characters", () => {
  const ring = new OutputRing(31, 31);
  ring.push(Buffer.from("ä".repeat(1_000)));
  expect(ring.text()).not.toContain("\uFFFD");
  expect(ring.text()).toMatch(/\[\d+ bytes truncated\]/);
  expect(ring.last(9)).toBe("ääää");
});
