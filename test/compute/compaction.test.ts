import fc from "fast-check";
import { get_encoding } from "tiktoken";
import { afterAll, describe, expect, test } from "vitest";
import { planCompaction } from "../../src/compute/index.ts";
import type { CompactionPlan, CompactionRequest } from "../../src/contracts/compaction.ts";
import type { Message, Part } from "../../src/protocol/index.ts";

const oracle = get_encoding("o200k_base");
afterAll(() => oracle.free());
const counter = { count: (text: string): number => oracle.encode(text, [], []).length };

let ids = 0;
const message = (turn: string, role: Message["role"], parts: Omit<Part, "id" | "index">[], more: Partial<Message> = {}): Message => ({
  id: `m${++ids}`,
  session: "s",
  turn,
  role,
  createdAt: ids,
  finishedAt: ids,
  parts: parts.map((part, index) => ({ id: `p${ids}-${index}`, index, ...part }) as Part),
  ...more,
});
const user = (turn: string, text: string): Message => message(turn, "user", [{ kind: "text", text } as never]);
const answer = (turn: string, text: string, calls: string[] = []): Message =>
  message(turn, "assistant", [
    { kind: "text", text } as never,
    ...calls.map((call) => ({ kind: "tool_call", call, name: "view", input: "{}" }) as never),
  ]);
const result = (turn: string, call: string, text: string, meta = {}): Message =>
  message(turn, "tool", [{ kind: "tool_result", call, name: "view", text, isError: false, meta } as never]);

/** As the store answers, in pages. */
const queries = (messages: Message[]) => ({
  prompted(_: string, { after, limit }: { after?: string; limit: number }) {
    const summary = messages.findLast((each) => each.summary !== undefined);
    if (after === undefined && summary?.summary !== undefined) {
      const { kept, waiting, upTo } = summary.summary;
      return { messages: [summary, ...[...kept, ...waiting].map((id) => messages.find((each) => each.id === id)!)], next: upTo };
    }
    const from = after === undefined ? 0 : messages.findIndex(({ id }) => id === after) + 1;
    const page = messages.slice(from, from + limit);
    return { messages: page.filter((each) => each.summary === undefined), ...(page.length === limit && { next: page.at(-1)!.id }) };
  },
});
const request = (more: Partial<CompactionRequest> = {}): CompactionRequest => ({
  session: "s",
  turn: "none",
  message: "",
  keepTokens: 100,
  unansweredTokens: 500,
  partTokens: 400,
  ...more,
});
const plan = (messages: Message[], more: Partial<CompactionRequest> = {}): CompactionPlan =>
  planCompaction(queries(messages), counter, request(more))!;
const sumUp = (turn: string, { upTo, kept, waiting, messages, prompts, filesRead, filesChanged }: CompactionPlan, text: string): Message =>
  message(turn, "system", [{ kind: "text", text } as never], {
    summary: { upTo, kept, waiting, messages, prompts, filesRead, filesChanged, tokensBefore: 0, tokensAfter: 0 },
  });

describe("a plan of a compaction", () => {
  test("of nothing is none; of what is recent only replaces nothing", () => {
    expect(planCompaction(queries([]), counter, request())).toBeUndefined();
    expect(plan([user("a", "hello"), answer("a", "hi")])).toMatchObject({ messages: 0, parts: [] });
  });

  test("cuts a result that is larger than any window, with a note; what a person wrote goes on in the next part", () => {
    const prompt = `WISH ${"please do this. ".repeat(300)} END-OF-WISH`;
    const { parts, messages } = plan([
      user("a", prompt),
      answer("a", "I look", ["c"]),
      result("a", "c", `HEAD ${"x y ".repeat(50_000)} TAIL`),
      answer("a", "Done"),
    ]);
    for (const part of parts) expect(counter.count(part)).toBeLessThanOrEqual(400);
    const all = parts.join("");
    expect(messages).toBe(3);
    expect(all).toMatch(/HEAD [\s\S]*characters left out[\s\S]* TAIL/);
    expect(all.length).toBeLessThan(20_000);
    expect(all).toContain("WISH");
    expect(all).toContain("END-OF-WISH");
  });

  test("leaves pictures out with a note, and remembers files, prompts and what an earlier summary knew of them", () => {
    const picture = { kind: "file", path: "shot.png", mime: "image/png", bytes: 9, blob: "b" } as never;
    const first = [
      message("a", "user", [{ kind: "text", text: "FIRST WISH" } as never, picture]),
      answer("a", "I look", ["c", "d"]),
      result("a", "c", "text ".repeat(50), { path: "/w/read.ts", lines: 3 }),
      result("a", "d", "text ".repeat(50), { path: "/w/changed.ts", diff: "-a\n+b" }),
      answer("a", "Done ".repeat(50)),
    ];
    const wide = plan(first, { keepTokens: 100, unansweredTokens: 0 });
    expect(wide).toMatchObject({ prompts: ["FIRST WISH"], filesRead: ["/w/read.ts"], filesChanged: ["/w/changed.ts"] });
    expect(wide.parts.join("")).toContain("User attached shot.png\n[An image that is not told here]");
    const more = [...first, sumUp("a", wide, "OLD SUMMARY"), user("b", "SECOND WISH"), answer("b", "word ".repeat(300)), user("c", "now")];
    const two = plan(more, { turn: "c", keepTokens: 200 });
    expect(two).toMatchObject({ prompts: ["FIRST WISH", "SECOND WISH"], filesRead: ["/w/read.ts"], filesChanged: ["/w/changed.ts"] });
    expect(two.parts.join("")).toContain("OLD SUMMARY");
    expect(two.parts.join("")).not.toContain("FIRST WISH");
  });

  test("leaves prompts that wait for their turns alone, also after an earlier compaction", () => {
    const waiting = user("later", "I wait");
    const running = [user("now", "go"), answer("now", "step", ["c"]), waiting, result("now", "c", "word ".repeat(400))];
    const one = plan(running, { turn: "now", unansweredTokens: 10 });
    expect(one).toMatchObject({ waiting: [waiting.id], kept: [], messages: 3 });
    const two = plan([...running, sumUp("now", one, "OLD"), answer("now", "word ".repeat(300), ["d"]), result("now", "d", "ok")], {
      turn: "now",
      unansweredTokens: 1_000,
    });
    expect(two.waiting).toEqual([waiting.id]);
    expect(two.kept).toHaveLength(2);
    // By command there is no prompt of its own.
    expect(plan([user("a", "x ".repeat(300)), answer("a", "y"), waiting]).waiting).toEqual([waiting.id]);
  });
});

test("parts fit, nothing is lost, and calls stay with their results, whatever was said (property)", () => {
  const text = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.string({ unit: "grapheme", maxLength: 200 }),
    fc.nat(1_000).map((n) => "word ".repeat(n)),
  );
  const step = fc.record({ text, calls: fc.array(text, { maxLength: 3 }), prompt: fc.option(text) });
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 12 }),
      fc.nat(2_000),
      fc.integer({ min: 60, max: 1_500 }),
      (steps, keepTokens, partTokens) => {
        const messages: Message[] = [];
        let turn = 0;
        let n = 0;
        for (const each of steps) {
          if (each.prompt !== null || turn === 0) messages.push(user(`t${++turn}`, `U${++n}! ${each.prompt ?? ""}`));
          const calls = each.calls.map((_, i) => `c${n}-${i}-${messages.length}`);
          messages.push(answer(`t${turn}`, `A${++n}! ${each.text}`, calls));
          for (const [i, call] of calls.entries()) messages.push(result(`t${turn}`, call, each.calls[i]!));
        }
        const made = plan(messages, { keepTokens, unansweredTokens: keepTokens * 2, partTokens, turn: `t${turn}` });
        const kept = new Set(made.kept);
        for (const part of made.parts) if (counter.count(part) > partTokens) return false;
        const all = made.parts.join("\n\n");
        for (const { id, role, parts } of messages) {
          const [first] = parts;
          if (role !== "tool" && first?.kind === "text" && !kept.has(id) && !all.includes(first.text.split("!")[0]!)) return false;
          const calls = parts.flatMap((part) => (part.kind === "tool_call" || part.kind === "tool_result" ? [part.call] : []));
          for (const other of messages)
            if (
              other.parts.some((part) => (part.kind === "tool_call" || part.kind === "tool_result") && calls.includes(part.call)) &&
              kept.has(other.id) !== kept.has(id)
            )
              return false;
        }
        return made.keptTokens <= keepTokens * 2 && made.messages + made.kept.length === messages.length;
      },
    ),
    { numRuns: 40 },
  );
});
