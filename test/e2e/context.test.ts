// How full the context is, where a provider reports no usage: counted from what it was sent.
import { get_encoding } from "tiktoken";
import { afterAll, expect, test } from "vitest";
import { openProduct } from "../support/product.ts";

const product = await openProduct();
const oracle = get_encoding("o200k_base");
afterAll(async () => {
  oracle.free();
  await product[Symbol.asyncDispose]();
});
const tokens = (words: string): number => oracle.encode(words, [], []).length;
/** Around each message. */
const frame = 4;

test("a provider that reports no usage has its context counted in o200k tokens, from one turn to the next", async () => {
  const answers = ["Eine Antwort mit Größe: 日本語, 1234567.", "Und noch eine."];
  const prompts = ["What is in the src/ folder, and why?", "Go on, please.\r\n\r\n\t\tNow!"];
  // By how much was said: a title is asked for beside the first turn.
  product.simulator.play(({ body }) => ({ text: answers[body.messages.filter(({ role }) => role === "assistant").length]!, usage: null }));
  const client = product.connect();
  // The first count starts a worker, and a turn waits only so long for it.
  await product.run(["run", "wake it up"]);
  let expected = 0;
  let session: string | undefined;
  for (const [i, text] of prompts.entries()) {
    const run = await product.run(["run", ...(session === undefined ? [] : ["--session", session]), text]);
    expect(run).toMatchObject({ code: 0 });
    const { sessions } = await client.request("session.list", { limit: 1 });
    session = sessions[0]!.id;
    const body = product.simulator.seen.findLast(({ body }) => Array.isArray(body.tools))!.body;
    const system = body.messages.filter(({ role }) => role === "system").map(({ content }) => String(content));
    const tools = JSON.stringify((body.tools as { function: unknown }[]).map((tool) => tool.function));
    if (i === 0) for (const part of [...system, tools]) expected += tokens(part);
    expected += frame + tokens(text);
    expect(sessions[0]!.contextTokens).toBe(expected + tokens(answers[i]!));
    expected += frame + tokens(answers[i]!);
  }
});
