import fs from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isJson } from "../../src/kernels/json.ts";
import { loadKernel } from "../../src/kernels/load.ts";
import { WasmSse } from "../../src/kernels/sse.ts";
import { schema } from "../../src/providers/openai-chat/schema.ts";
import { plain, read } from "./sse-support.ts";

const kernel = new WasmSse(loadKernel("dist/kernels", "sse"), schema);
const suite = "../shared/data/json/test_parsing";

describe("strict JSON", () => {
  test.skipIf(!fs.existsSync(suite))("every file of JSONTestSuite gets the verdict of JSON.parse", () => {
    const wrong: string[] = [];
    const files = fs.readdirSync(suite);
    for (const file of files) {
      const bytes = fs.readFileSync(path.join(suite, file));
      const verdict = isJson(bytes);
      if (isJson(bytes, kernel) !== verdict) wrong.push(file);
      if (/^[yn]_/.test(file) && verdict !== file.startsWith("y_")) wrong.push(`${file} (V8)`);
    }
    expect(files.length).toBeGreaterThan(200);
    expect(wrong).toEqual([]);
  });

  test.skipIf(!fs.existsSync(suite))("every file of it, as an unknown value within an event, gets the verdict of the plain version", () => {
    const verdicts = new Set<unknown>();
    for (const file of fs.readdirSync(suite)) {
      const value = fs.readFileSync(path.join(suite, file));
      for (const [front, back] of [
        ['data: {"x":', ',"choices":[{"delta":{"content":"a"}}]}\n\n'],
        ['data: {"choices":[{"delta":{"content":"a","y":', "}}]}\n\n"],
      ] as const) {
        const event = Buffer.concat([Buffer.from(front), value, Buffer.from(back)]);
        const want = read(plain, [event]);
        expect(read(kernel, [event]), file).toEqual(want);
        expect(read(kernel, [event.subarray(0, 20), event.subarray(20), event]), file).toEqual(read(plain, [event, event]));
        verdicts.add(want[0]?.[0]);
      }
    }
    expect([...verdicts].sort()).toEqual(["bad", "text"]);
  });

  test("any JSON text is accepted, and mutated ones get the verdict of JSON.parse", () => {
    const bytes = fc.tuple(fc.json(), fc.nat(), fc.constantFrom(...'{}[]",:\\0e-.tn \u0001\n'), fc.boolean());
    fc.assert(
      fc.property(bytes, ([text, at, char, insert]) => {
        const i = at % (text.length + 1);
        const mutated = text.slice(0, i) + char + text.slice(insert ? i : i + 1);
        expect(isJson(Buffer.from(text), kernel)).toBe(true);
        expect(isJson(Buffer.from(mutated), kernel)).toBe(isJson(Buffer.from(mutated)));
      }),
      { numRuns: 500 },
    );
  });

  test("nesting as deep as the input allows neither fails nor crashes", () => {
    const deep = Buffer.from("[".repeat(65_536) + "]".repeat(65_536));
    expect(isJson(deep, kernel)).toBe(true);
    expect(isJson(deep.subarray(0, -1), kernel)).toBe(false);
    expect(isJson(Buffer.from("[".repeat(131_072)), kernel)).toBe(false);
  });

  test("what an earlier longer input left behind is not read", () => {
    expect(isJson(Buffer.from(`["${"x".repeat(200)}"]`), kernel)).toBe(true);
    expect(isJson(Buffer.from('["xxxx'), kernel)).toBe(false);
    expect(isJson(Buffer.alloc(0), kernel)).toBe(false);
  });
});
