// Full-text search as a person has it: what was said in one session is found from anywhere, by the command and by a program.
import { afterAll, expect, test } from "vitest";
import { openProduct, until } from "../support/product.ts";

const product = await openProduct();
afterAll(() => product[Symbol.asyncDispose]());

test("what a session said is found by the command and over the protocol, in any words, and is gone with the session", async () => {
  product.simulator.play({ text: "The marmalade is in the cupboard." });
  expect(await product.run(["run", "where is the breakfast"])).toMatchObject({ code: 0 });
  const client = product.connect();
  const find = async (query: string) => {
    let answer = await client.request("session.search", { query });
    await until(async () => {
      answer = await client.request("session.search", { query });
      return answer.complete;
    });
    return answer.hits;
  };
  const [hit, ...more] = await find("MARMALADE cup");
  expect(more).toEqual([]);
  expect(hit).toMatchObject({
    role: "assistant",
    seq: 2,
    workspace: product.workspace,
    snippet: { text: "The marmalade is in the cupboard." },
  });
  expect(hit!.snippet.marks).toEqual([
    [4, 9],
    [24, 8],
  ]);
  const { messages } = await client.request("session.messages", { session: hit!.session });
  expect(messages[hit!.seq - 1]!.id).toBe(hit!.message);

  const found = await product.run(["session", "search", "marmalade"]);
  expect(found).toMatchObject({ code: 0, stdout: expect.stringContaining("assistant #2: The marmalade is in the cupboard.") });
  expect(found.stdout.startsWith(hit!.hash.slice(0, 7))).toBe(true);
  expect(JSON.parse((await product.run(["session", "search", '"breakfast"', "--json"])).stdout)).toMatchObject({
    hits: [{ role: "user", seq: 1 }],
  });
  expect(await product.run(["session", "search", "*", "AND", '("'])).toMatchObject({
    code: 0,
    stdout: "",
    stderr: expect.stringContaining("nothing was found"),
  });
  expect(await product.run(["session", "search"])).toMatchObject({ code: 2 });

  await client.request("session.delete", { session: hit!.session });
  expect(await find("marmalade")).toEqual([]);
});
