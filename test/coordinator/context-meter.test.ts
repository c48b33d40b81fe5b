import { expect, test } from "vitest";
import type { TokensAnswer, TokensRequest } from "../../src/contracts/tokens.ts";
import { type Harness, harness, settle, tool } from "./support/harness.ts";

const untold = { usage: { input: 900, output: 90, cacheRead: 0, cacheWrite: 0, reasoning: 0 }, estimated: true } as const;
const call = (name: string) => ({ call: `call-${name}`, name, input: '{"value":"x"}' });

/** Counts a character a token; a conversation of 1,000 the first time, of 10 then. */
const counter =
  (asked: TokensRequest[]) =>
  async (request: TokensRequest): Promise<TokensAnswer> => {
    asked.push(request);
    return {
      conversation: request.after === undefined ? 1_000 : 10,
      after: `last ${asked.length}`,
      texts: request.texts.map((text) => text.length),
    };
  };

const prompt = async (h: Harness, session: string): Promise<void> => {
  await h.request("session.prompt", { session, text: "hello" });
  await settle();
};

test("where the provider tells no usage the context is what was counted, each message and each system text once", async () => {
  const asked: TokensRequest[] = [];
  const h = await harness({ tools: [tool("echo")], countTokens: counter(asked) });
  const session = await h.session();
  let n = 0;
  h.workers.answer = () => (n++ === 0 ? { text: "I look.", calls: [call("echo")], outcome: untold } : { text: "Done.", outcome: untold });
  await prompt(h, session);
  // The second completion's prompt is counted while the provider reads it.
  const [first, ahead, second] = asked;
  expect(asked).toHaveLength(3);
  expect(ahead).toMatchObject({ after: "last 1", texts: [] });
  const tools = first!.texts[1]!.length;
  expect(first!.texts).toEqual(["You are a test.", expect.stringContaining('"name":"echo"'), "I look.", 'echo{"value":"x"}']);
  expect(first).toMatchObject({ session, until: h.workers.all("completion.start")[0]!.message });
  expect(first).not.toHaveProperty("after");
  expect(second).toMatchObject({ after: "last 2", texts: ["Done."], until: h.workers.all("completion.start")[1]!.message });
  const stored = h.store.conversation(session).filter(({ role }) => role === "assistant");
  expect(stored.map(({ usage }) => usage)).toMatchObject([
    { input: 1_000 + 15 + tools, output: 7 + 17, cost: 0 },
    { input: 1_020 + 15 + tools, output: 5, cost: 0 },
  ]);
  expect(h.store.session(session)?.contextTokens).toBe(1_020 + 15 + tools + 5);
});

test("what the provider reports wins and nothing is counted; of a report without its prompt only that is", async () => {
  const asked: TokensRequest[] = [];
  const h = await harness({ countTokens: counter(asked) });
  const session = await h.session();
  h.workers.answer = () => ({ text: "Hi." });
  await prompt(h, session);
  expect(asked).toEqual([]);
  expect(h.store.session(session)?.contextTokens).toBe(110);
  h.workers.answer = () => ({ text: "Hi.", outcome: { usage: { input: 0, output: 42, cacheRead: 0, cacheWrite: 0, reasoning: 0 } } });
  await prompt(h, session);
  expect(asked).toHaveLength(1);
  expect(h.store.session(session)?.contextTokens).toBe(1_000 + 15 + 42);
});

test("when counting is impossible, fails or takes too long, the estimate stays and the turn ends", async () => {
  const ways: ((request: TokensRequest) => Promise<TokensAnswer | undefined>)[] = [
    async () => undefined,
    async () => {
      throw new Error("the worker died");
    },
    () => new Promise(() => {}),
  ];
  for (const countTokens of ways) {
    const h = await harness({ countTokens });
    const session = await h.session();
    h.workers.answer = () => ({ text: "Hi.", outcome: untold });
    await prompt(h, session);
    h.clock.advance(1_000);
    await settle();
    expect(h.store.session(session)).toMatchObject({ status: "idle", contextTokens: 990 });
  }
});

test("a turn that is canceled while its answer is counted ends once, as interrupted", async () => {
  const { promise, resolve } = Promise.withResolvers<TokensAnswer>();
  const h = await harness({ countTokens: () => promise });
  const session = await h.session();
  h.workers.answer = () => ({ text: "Hi.", outcome: untold });
  await prompt(h, session);
  const canceled = h.request("session.cancel", { session });
  h.clock.advance(100);
  await settle();
  await canceled;
  resolve({ conversation: 1, texts: [1, 1] });
  await settle();
  expect(h.peer.kinds().filter((kind) => kind === "turn.completed")).toHaveLength(1);
  expect(h.store.turns(session, 9)).toMatchObject([{ status: "interrupted" }]);
});
