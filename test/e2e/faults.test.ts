import { afterAll, beforeAll, expect, test } from "vitest";
import type { Script } from "../support/simulator.ts";
import { openProduct, type Product, until } from "../support/product.ts";

let product: Product;
beforeAll(async () => {
  product = await openProduct();
  await product.serve();
});
afterAll(() => product[Symbol.asyncDispose]());

const retryAt: Record<string, string> = { "retry-after": "0" };

test.each<[string, Script]>([
  ["429", { status: 429, headers: retryAt }],
  ["500", { status: 500, headers: retryAt }],
  ["529", { status: 529, headers: retryAt }],
  ["a connection closed before the answer", { cut: "before" }],
  ["a connection cut in the text", { text: "This is the first try.", cut: 3 }],
  ["a tool call that was cut", { tools: [{ name: "write", arguments: '{"file_path":"cut.txt","content":"whole"}' }], cut: 4 }],
])("%s: the provider is asked again, the answer is the second one, nothing of the first is run or sent", async (_, first) => {
  product.simulator.seen.length = 0;
  product.simulator.play(first, { text: "The second try." });
  const { code, stdout } = await product.run(["run", "--yolo", "--format", "json", "hi"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ status: "ok", text: "The second try." });
  expect(product.simulator.seen).toHaveLength(2);
  expect(product.simulator.seen[1]?.raw).toBe(product.simulator.seen[0]?.raw);
});

test.each<[string, Script, RegExp]>([
  ["a refused key", { status: 401, body: '{"error":{"message":"Incorrect API key provided"}}' }, /key/i],
  ["an unknown model", { status: 404, body: '{"error":{"message":"The model does not exist"}}' }, /does not exist/],
  ["an answer that is no stream", { status: 200, headers: { "content-type": "text/html" }, body: "<html>hello</html>" }, /./],
])("%s is not asked for again: exit code 1 and the provider's words", async (_, script, words) => {
  product.simulator.seen.length = 0;
  product.simulator.play(script);
  const { code, stdout, stderr } = await product.run(["run", "hi"]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(words);
  expect(stderr).not.toContain("\u001b");
});

test("a provider that falls silent is given up at --timeout: what it had said is printed, exit code 4, its connection closed", async () => {
  product.simulator.seen.length = 0;
  product.simulator.play({ text: "This is all there is.", stall: 2 });
  const { code, stdout, stderr } = await product.run(["run", "--timeout", "0.4", "hi"]);
  expect({ code, stdout }).toEqual({ code: 4, stdout: "This is \n" });
  expect(stderr).toContain("0.4 s");
  await until(() => product.simulator.seen[0]!.closed);
  expect(product.simulator.seen).toHaveLength(1);
});
