import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openProduct, type Product } from "../support/product.ts";
import { cassettes, replay, replayProgram } from "../support/replay-run.ts";

// Recorded sessions of a real agent, played by a provider that judges what comes back and what is left on disk. All of the matrix: bench/bars/replay.ts.
describe.skipIf(!fs.existsSync(replayProgram))(`recorded sessions (skipped without ${path.relative(process.cwd(), replayProgram)})`, () => {
  let product: Product;
  beforeAll(async () => {
    product = await openProduct();
    await product.serve();
  });
  afterAll(() => product?.[Symbol.asyncDispose]());

  test.concurrent.each([
    ...cassettes.map((cassette) => [cassette, "rand:1", ""] as const),
    ["update_a_file", "event", "drop@1"],
    ["parallel_tool_calls", "event", "429@1"],
    ["bash_tool", "event", "529@1"],
    ["read_a_file", "1", "stall@1:300"],
  ] as const)("%s in pieces of %s %s", async (cassette, chunk, fault) => {
    expect(await replay(product, { cassette, chunk, fault })).toEqual([]);
  });
});
