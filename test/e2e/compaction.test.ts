// Long conversations through the real product: what is sent after a compaction, what stays readable, and what it costs.
import fs from "node:fs";
import path from "node:path";
import { get_encoding } from "tiktoken";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Message } from "../../src/protocol/index.ts";
import { openProduct, type Product } from "../support/product.ts";
import type { Script, Seen } from "../support/simulator.ts";

const window = 40_000;
const oracle = get_encoding("o200k_base");
/** The oracle is slow, and most of a request has been in the one before. */
const counted = new Map<string, number>();
const tokens = (text: string): number => {
  const known = counted.get(text) ?? oracle.encode(text, [], []).length;
  counted.set(text, known);
  return known;
};
const line = "lorem ipsum dolor sit amet\n";
const lineTokens = tokens(line);
/** About so many tokens, with a mark of its own. */
const filler = (mark: string, count: number): string => `${mark} ${line.repeat(Math.ceil(count / lineTokens))}`;

let product: Product;
beforeAll(async () => {
  product = await openProduct();
});
afterAll(async () => {
  oracle.free();
  await product[Symbol.asyncDispose]();
});

const configure = (node: Record<string, unknown> = {}, more: Record<string, unknown> = {}, context = window): void =>
  product.writeConfig({
    providers: {
      sim: {
        type: "openai-compat",
        base_url: `${product.simulator.url}/v1`,
        api_key: "$SIM_API_KEY",
        models: [
          {
            id: "large-one",
            name: "large-one",
            context_window: context,
            default_max_tokens: 2_000,
            cost_per_1m_in: 10,
            cost_per_1m_out: 20,
          },
        ],
      },
    },
    models: { large: { provider: "sim", model: "large-one" }, small: { provider: "sim", model: "large-one" } },
    options: { node, ...more },
  });
beforeEach(() => configure());

const textOf = ({ body }: Seen): string => JSON.stringify(body.messages);
const isSummary = (asked: Seen): boolean => /It will be removed to make room|Merge them into one/.test(textOf(asked));
const isTitle = (asked: Seen): boolean => textOf(asked).includes("Name this conversation");
/** Answers summaries and titles by themselves, and everything else by `answer`. */
const play = (answer: (asked: Seen, nth: number) => Script): { main: Seen[]; summaries: Seen[] } => {
  const main: Seen[] = [];
  const summaries: Seen[] = [];
  product.simulator.play((asked) => {
    if (isTitle(asked)) return { text: "A title" };
    if (isSummary(asked)) return { text: `SUMMARY-${summaries.push(asked)}` };
    return answer(asked, main.push(asked));
  });
  return { main, summaries };
};
const client = () => product.connect();
const newSession = async (): Promise<string> =>
  (await client().request("session.create", { workspace: product.workspace, yolo: true })).session.id;
const turn = async (session: string, text: string): Promise<string> => {
  const end = ended(session);
  await client().request("session.prompt", { session, text });
  return end;
};
/** The status with which the next turn ends. */
const ended = async (session: string): Promise<string> => {
  const each = client();
  return new Promise((resolve, reject) => {
    const subscription = each.subscribe(session, {
      onEvent: (event) => {
        if (event.kind !== "turn.completed") return;
        subscription.close();
        resolve(`${event.data.turn.status} ${event.data.turn.cause ?? ""} ${event.data.turn.reason ?? ""}`.trim());
      },
      onError: reject,
    });
  });
};
const history = async (session: string): Promise<Message[]> =>
  (await client().request("session.messages", { session, limit: 500 })).messages;

/** Tokens of what was sent, with what may be answered. */
const sizeOf = ({ body }: Seen): number =>
  body.messages.reduce(
    (sum, { content }) => sum + 4 + (typeof content === "string" ? tokens(content) : tokens(JSON.stringify(content ?? ""))),
    0,
  ) +
  tokens(JSON.stringify(body.tools ?? "")) +
  Number(body.max_tokens ?? body.max_completion_tokens ?? 0);
const usageOf = (seen: Seen): { prompt_tokens: number; completion_tokens: number } => ({
  prompt_tokens: sizeOf(seen) - Number(seen.body.max_tokens ?? seen.body.max_completion_tokens ?? 0),
  completion_tokens: 10,
});
type WireMessage = { role: string; content?: unknown; tool_calls?: { id: string }[]; tool_call_id?: string };
/** Every call is followed at once by its results, and no result stands alone. */
const isPaired = ({ body }: Seen): boolean => {
  let open: string[] = [];
  for (const message of body.messages as WireMessage[]) {
    if (message.role === "tool") {
      if (!open.includes(message.tool_call_id!)) return false;
      open = open.filter((id) => id !== message.tool_call_id);
      continue;
    }
    if (open.length > 0) return false;
    open = (message.tool_calls ?? []).map(({ id }) => id);
  }
  return open.length === 0;
};
const summariesOf = async (session: string): Promise<Message[]> => (await history(session)).filter(({ summary }) => summary !== undefined);
const sessionOf = async (session: string) => (await client().request("session.get", { session })).session;
const tooLong = (): Script => ({
  status: 400,
  body: JSON.stringify({
    error: {
      message: `This model's maximum context length is ${window} tokens. However, your messages resulted in more tokens.`,
      type: "invalid_request_error",
      code: "context_length_exceeded",
    },
  }),
});

test("below the threshold nothing is compacted; at it the old is summarized once, the recent is sent as it was, and all stays readable", async () => {
  const { main, summaries } = play((asked) => ({ text: "Noted.", usage: usageOf(asked) }));
  const session = await newSession();
  for (const mark of ["ALPHA", "BRAVO", "CHARLIE"]) expect(await turn(session, filler(mark, 8_000))).toBe("ok");
  expect(await turn(session, filler("DELTA", 1_000))).toBe("ok");
  expect(summaries).toHaveLength(0);
  expect(await turn(session, filler("ECHO", 5_000))).toBe("ok");
  expect(summaries).toHaveLength(1);
  expect(await turn(session, "FOXTROT")).toBe("ok");
  expect(await turn(session, "GOLF")).toBe("ok");
  expect(summaries).toHaveLength(1);
  expect(textOf(summaries[0]!)).toContain("ALPHA");
  const [first, second, third] = main.slice(-3).map((seen) => seen.body.messages.filter(({ role }) => role !== "system"));
  expect(JSON.stringify(first![0])).toContain("SUMMARY-1");
  // What was recent, and the prompt that is to be answered, whole.
  expect(first!.map(({ content }) => String(content).split(" ")[0])).toEqual(["The", "DELTA", "Noted.", "ECHO"]);
  expect(first!.at(-1)!.content).toBe(filler("ECHO", 5_000));
  // From there on only the end grows: the provider's cache holds.
  expect(second!.slice(0, first!.length)).toEqual(first);
  expect(third!.slice(0, second!.length)).toEqual(second);
  const all = await history(session);
  for (const mark of ["ALPHA", "BRAVO", "CHARLIE", "DELTA", "ECHO", "FOXTROT"]) expect(JSON.stringify(all)).toContain(mark);
  const exported = await product.run(["session", "export", session]);
  expect(exported.stdout).toContain("ALPHA");
  expect(exported.stdout).toContain("## Compacted: 6 messages");
  const [summary] = await summariesOf(session);
  expect(summary).toMatchObject({ role: "system", summary: { messages: 6 } });
  expect(summary!.summary!.tokensBefore).toBeGreaterThanOrEqual(0.8 * window);
  expect(summary!.summary!.tokensAfter).toBeLessThan(0.5 * window);
  // A server that reads it from the store sends the same.
  await product.run(["server", "stop"]);
  expect(await turn(session, "HOTEL")).toBe("ok");
  expect(
    main
      .at(-1)!
      .body.messages.filter(({ role }) => role !== "system")
      .slice(0, third!.length),
  ).toEqual(third);
}, 60_000);

test("a history many times larger than the window is summarized in parts that each fit, and those together", async () => {
  configure({}, {}, 400_000);
  const { main, summaries } = play(() => ({ text: "Noted.", usage: null }));
  const session = await newSession();
  for (let i = 0; i < 6; i++) expect(await turn(session, filler(`MARK${i}`, 25_000))).toBe("ok");
  expect(summaries).toHaveLength(0);
  configure();
  expect(await turn(session, "Go on.")).toBe("ok");
  expect(summaries.length).toBeGreaterThan(5);
  for (const asked of [...summaries, main.at(-1)!]) expect(sizeOf(asked)).toBeLessThanOrEqual(window);
  for (let i = 0; i < 6; i++) expect(summaries.some((asked) => textOf(asked).includes(`MARK${i}`))).toBe(true);
  expect(textOf(summaries.at(-1)!)).toContain("Merge them into one");
  expect(textOf(main.at(-1)!)).toContain(`SUMMARY-${summaries.length}`);
  expect(await summariesOf(session)).toHaveLength(1);
}, 60_000);

test("in the middle of a turn calls stay with their results, files and the prompt are remembered, and the turn goes on", async () => {
  for (let i = 0; i < 9; i++)
    fs.writeFileSync(
      path.join(product.workspace, `file${i}.txt`),
      `RESULT${i} ${line.trim()} ${line.trim()} ${line.trim()} ${line}`.repeat(160),
    );
  const { main, summaries } = play((asked, nth) =>
    nth > 8
      ? { text: "Done.", usage: usageOf(asked) }
      : {
          text: `Step ${nth}.`,
          usage: usageOf(asked),
          finish: "tool_calls",
          tools: [
            { id: `a${nth}`, name: "view", arguments: JSON.stringify({ file_path: `file${nth}.txt` }) },
            { id: `b${nth}`, name: "glob", arguments: JSON.stringify({ pattern: `*${nth}.txt` }) },
          ],
        },
  );
  const session = await newSession();
  expect(await turn(session, "Read all nine files and REMEMBER-THIS-WISH.")).toBe("ok");
  expect(summaries.length).toBeGreaterThan(0);
  expect(main).toHaveLength(9);
  for (const asked of [...main, ...summaries]) {
    expect(isPaired(asked)).toBe(true);
    expect(sizeOf(asked)).toBeLessThanOrEqual(window);
  }
  const last = textOf(main.at(-1)!);
  expect(last).toContain("REMEMBER-THIS-WISH");
  expect(last).toContain(`- ${path.join(product.workspace, "file1.txt")}`);
  // The newest result is what the model has not read yet.
  expect(last).toContain("RESULT8");
}, 60_000);

test("killed while it summarizes, nothing is lost; the turn is resumed and the summary made again", async () => {
  const seenBefore = play((asked) => ({ text: "Noted.", usage: usageOf(asked) }));
  const session = await newSession();
  for (const mark of ["ALPHA", "BRAVO", "CHARLIE"]) await turn(session, filler(mark, 8_000));
  expect(seenBefore.summaries).toHaveLength(0);
  let stalled = (): void => {};
  const stall = new Promise<void>((resolve) => (stalled = resolve));
  product.simulator.play((asked) => {
    if (isSummary(asked)) stalled();
    return { words: 50, stall: 1 };
  });
  await client().request("session.prompt", { session, text: filler("DELTA", 5_000) });
  await stall;
  process.kill(product.discovery()!.pid, "SIGKILL");
  const { main, summaries } = play((asked) => ({ text: "Noted.", usage: usageOf(asked) }));
  await expect
    .poll(async () => (await client().request("session.turns", { session, limit: 1 })).turns[0]?.status, { timeout: 20_000 })
    .toBe("interrupted");
  expect(await summariesOf(session)).toEqual([]);
  const end = ended(session);
  await client().request("session.resume", { session });
  expect(await end).toBe("ok");
  expect(summaries).toHaveLength(1);
  expect(await summariesOf(session)).toHaveLength(1);
  expect(textOf(main[0]!)).toContain("DELTA");
  expect(JSON.stringify(await history(session))).toContain("ALPHA");
}, 60_000);

test("a provider that finds the context too long makes for one compaction and one more request, never a loop", async () => {
  let refuse = 0;
  const { main, summaries } = play((asked) => (refuse-- > 0 ? tooLong() : { text: "Noted.", usage: usageOf(asked) }));
  const session = await newSession();
  for (const mark of ["ALPHA", "BRAVO"]) await turn(session, filler(mark, 5_000));
  refuse = 1;
  expect(await turn(session, "Go on.")).toBe("ok");
  expect(main).toHaveLength(4);
  expect(await summariesOf(session)).toHaveLength(1);
  expect(textOf(main.at(-1)!)).toContain(`SUMMARY-${summaries.length}`);
  refuse = 100;
  await turn(session, filler("CHARLIE", 5_000));
  expect(main).toHaveLength(6);
  expect(await summariesOf(session)).toHaveLength(2);
  expect((await client().request("session.turns", { session, limit: 1 })).turns[0]).toMatchObject({ status: "failed" });
}, 60_000);

test("by command: it is a turn, prompts wait for it, a cancel ends it and leaves everything as it was", async () => {
  const { main, summaries } = play((asked) => ({ text: "Noted.", usage: usageOf(asked) }));
  const session = await newSession();
  for (const mark of ["ALPHA", "BRAVO", "CHARLIE"]) await turn(session, filler(mark, 2_000));
  const end = ended(session);
  expect(await client().request("session.compact", { session, instructions: "the colour GREEN" })).toMatchObject({ queued: false });
  expect(await end).toBe("ok");
  expect(textOf(summaries[0]!)).toContain("the colour GREEN");
  expect(main).toHaveLength(3);
  expect(await turn(session, "And now?")).toBe("ok");
  expect(textOf(main.at(-1)!)).toContain("SUMMARY-1");
  expect(textOf(main.at(-1)!)).not.toContain(filler("ALPHA", 2_000));

  // Canceled, with a prompt behind it.
  product.simulator.play((asked) => (isSummary(asked) ? { words: 50, stall: 1 } : { text: "After.", usage: null }));
  const asked = product.simulator.seen.length;
  await client().request("session.compact", { session });
  await product.simulator.asked(asked + 1);
  expect(await client().request("session.prompt", { session, text: "I waited" })).toMatchObject({ queued: true });
  const began = performance.now();
  await client().request("session.cancel", { session });
  expect(performance.now() - began).toBeLessThan(2_000);
  await expect
    .poll(async () => (await client().request("session.turns", { session, limit: 2 })).turns.map(({ status }) => status))
    .toEqual(["ok", "interrupted"]);
  expect(await summariesOf(session)).toHaveLength(1);
  expect(JSON.stringify(product.simulator.seen.at(-1)!.body.messages)).toContain("I waited");
}, 60_000);

test("switched off, nothing is compacted by itself; the provider's refusal names what can be done", async () => {
  configure({}, { disable_auto_summarize: true });
  const { summaries } = play((asked) => (sizeOf(asked) > window ? tooLong() : { text: "Noted.", usage: usageOf(asked) }));
  const session = await newSession();
  for (const mark of ["ALPHA", "BRAVO", "CHARLIE", "DELTA"]) await turn(session, filler(mark, 7_000));
  expect(await turn(session, filler("ECHO", 9_000))).toMatch(/^failed context .*\/compact/);
  expect(summaries).toHaveLength(0);
}, 60_000);

test("what titles and summaries cost is in the session's sum, which is usage times price", async () => {
  const spent: { prompt_tokens: number; completion_tokens: number }[] = [];
  product.simulator.play((asked) => {
    const usage = usageOf(asked);
    spent.push(usage);
    return { text: isSummary(asked) ? "SUMMARY" : "Noted.", usage };
  });
  const { session } = await client().request("session.create", { workspace: product.workspace });
  for (const mark of ["ALPHA", "BRAVO", "CHARLIE", "DELTA"]) await turn(session.id, filler(mark, 8_000));
  await expect.poll(() => spent.length).toBe(6);
  const sum = spent.reduce((all, usage) => all + (usage.prompt_tokens * 10 + usage.completion_tokens * 20) / 1e6, 0);
  await expect.poll(async () => (await sessionOf(session.id)).usage.cost).toBeCloseTo(sum, 9);
  await product.run(["server", "stop"]);
  const { usage } = await sessionOf(session.id);
  expect(usage.cost).toBeCloseTo(sum, 9);
  expect(usage.input).toBe(spent.reduce((all, { prompt_tokens }) => all + prompt_tokens, 0));
  const { turns } = await client().request("session.turns", { session: session.id, limit: 9 });
  const [summary] = await summariesOf(session.id);
  const answers = (await history(session.id)).filter(({ turn, role }) => turn === summary!.turn && role === "assistant");
  expect(turns.find(({ id }) => id === summary!.turn)!.usage.cost).toBeCloseTo(summary!.usage!.cost + answers[0]!.usage!.cost, 9);
}, 60_000);

test("a budget stops the turn before the request that could pass it, with a text that says so", async () => {
  const { main } = play((asked, nth) => ({
    usage: usageOf(asked),
    ...(nth % 3 === 0 ? { text: "Done." } : { finish: "tool_calls", tools: [{ id: `t${nth}`, name: "ls", arguments: "{}" }] }),
  }));
  // About 5,000 tokens in and 2,000 out: $0.05 + $0.04 a request at worst.
  const refused = await product.run(["run", "--yolo", "--budget", "0.05", "hello"]);
  expect(refused.code).toBe(4);
  expect(refused.stderr).toMatch(/Stopped before a request that could cost \$0\.\d+ .*budget of \$0\.0500/);
  expect(main).toHaveLength(0);
  const stopped = await product.run(["run", "--yolo", "--budget", "0.15", "hello"]);
  expect(stopped.code).toBe(4);
  expect(main).toHaveLength(2);
  expect((await product.run(["run", "--yolo", "--budget", "5", "hello"])).code).toBe(0);
  configure({ budget: { session: 0.15 } });
  const session = await newSession();
  expect(await turn(session, "hello")).toMatch(/^limit budget .*session's budget of \$0\.15/);
  expect((await sessionOf(session)).usage.cost).toBeLessThanOrEqual(0.15);
}, 60_000);

test("whatever is said, nothing that is sent exceeds the window (random histories)", async () => {
  const random = openRandom(20_26);
  const words = ["lorem ", "Größe ", "日本語", "🙂", "{}();\n", "1234567 ", "ab, ", "      x"];
  const text = (count: number): string => {
    const word = words[random(words.length)]!;
    return `x${word.repeat(Math.max(1, Math.floor(count / tokens(word))))}`;
  };
  fs.writeFileSync(
    path.join(product.workspace, "long.txt"),
    Array.from({ length: 1_500 }, (_, i) => `line ${i} ${text(1 + random(20))}`).join("\n"),
  );
  const { main, summaries } = play((asked) => {
    const usage = random(2) === 0 ? null : usageOf(asked);
    if (random(3) > 0 || main.length % 7 === 0) return { text: text(1 + random(1_500)), usage };
    const calls = Array.from({ length: 1 + random(3) }, (_, i) => ({
      id: `c${main.length}-${i}`,
      name: "view",
      arguments: JSON.stringify({ file_path: "long.txt", offset: random(1_000), limit: 1 + random(400) }),
    }));
    return { text: "", finish: "tool_calls", tools: calls, usage };
  });
  for (let run = 0; run < 2; run++) {
    const session = await newSession();
    for (let i = 0; i < 7; i++) expect(await turn(session, text(1 + random(random(3) === 0 ? 14_000 : 7_000)))).toMatch(/^(ok|limit loop)/);
  }
  expect(summaries.length).toBeGreaterThan(1);
  for (const asked of [...main, ...summaries]) {
    expect(sizeOf(asked)).toBeLessThanOrEqual(window);
    expect(isPaired(asked)).toBe(true);
  }
}, 120_000);

function openRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
