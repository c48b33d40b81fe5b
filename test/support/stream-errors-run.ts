// Answers of providers that go wrong (recorded, spliced, cut), through the real product: each is served in front of a good one, and
// what the session holds afterwards is judged. The data and the program that serves it are not ours.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import type { Message, Turn } from "../../src/protocol/index.ts";
import { openProduct, type Product, sleep } from "./product.ts";

const streams = path.resolve(import.meta.dirname, "../../../shared/data/streams");
export const streamErrorsAreThere = (): boolean => fs.existsSync(path.join(streams, "errors/truncations.json"));

const formats = ["openai-chat", "openai-responses", "anthropic", "google"] as const;
type Format = (typeof formats)[number];
const isSpoken = (format: string): format is Format => (formats as readonly string[]).includes(format);

/** A case that takes longer than this hangs: the longest has retries after 0.5, 1 and 2 s, or one after 5 s. */
const hangMs = 60_000;
const pollMs = 25;

type Answer = Record<string, unknown>;
type Case = {
  name: string;
  format: Format;
  answers: Answer[];
  status: Turn["status"];
  /** Text that an attempt which broke had shown, and that is kept. */
  shown?: string;
  /** In the reason of a turn that failed. */
  reason?: RegExp;
  requests: number;
};

const read = (file: string): unknown => JSON.parse(fs.readFileSync(path.join(streams, file), "utf8"));

type Recorded = {
  file: string;
  format: string;
  tier: string;
  text?: string;
  finish: { unified: string } | null;
  expected: { text: string; toolCalls: unknown[]; finish?: { unified: string } };
};

/** A recorded answer of words, to each format: what a second attempt gets. */
function goodAnswers(): Record<Format, { answer: Answer; text: string }> {
  const all = ["crush", "fantasy", "vercel", "vercel-inline", "gemini-cli"].flatMap(
    (set) => (read(`${set}/manifest.json`) as { entries: Recorded[] }).entries,
  );
  const of = (format: Format): { answer: Answer; text: string } => {
    const found = all.find(
      ({ format: its, tier, expected: { text, toolCalls, finish } }) =>
        its === format && tier === "core" && text.length > 20 && toolCalls.length === 0 && finish?.unified === "stop",
    );
    if (!found) throw new Error(`no good answer of ${format} in the data`);
    return { answer: { file: found.file, cut: "event" }, text: found.expected.text };
  };
  return {
    "openai-chat": of("openai-chat"),
    "openai-responses": of("openai-responses"),
    anthropic: of("anthropic"),
    google: of("google"),
  };
}

/** What is to come of each kind of HTTP answer. */
const outcomes: Record<string, { again: boolean; reason?: RegExp }> = {
  overloaded: { again: true },
  server: { again: true },
  context_too_long: { again: false, reason: /too long for this model|larger than the model's context window/ },
  request_too_large: { again: false, reason: /too long for this model|larger than the model's context window/ },
  quota: { again: false, reason: /no quota left/ },
};

function makeCases(): Case[] {
  const good = goodAnswers();
  const twice = (name: string, format: Format, bad: Answer, shown?: string): Case => ({
    name,
    format,
    answers: [bad, good[format].answer],
    status: "ok",
    requests: 2,
    ...(shown === undefined ? {} : { shown }),
  });
  const cases: Case[] = [];
  for (const { format, status, headers, body, kind } of (
    read("errors/http-errors.json") as { entries: (Answer & { format: string; kind: string })[] }
  ).entries) {
    if (!isSpoken(format)) continue;
    const { again, reason } = outcomes[kind]!;
    const bad = { status, headers, body };
    const name = `HTTP ${String(status)} ${kind}`;
    cases.push(
      again ? twice(name, format, bad) : { name, format, answers: [bad], status: "failed", requests: 1, ...(reason ? { reason } : {}) },
    );
  }
  const midstream = read("errors/midstream.json") as {
    recorded: Recorded[];
    spliced: { file: string; format: string; then: string; textBefore: string; cutAtByte: number }[];
  };
  for (const { file, format, cutAtByte, then, textBefore } of midstream.spliced)
    if (isSpoken(format)) cases.push(twice(`spliced ${file}`, format, { file, upTo: cutAtByte, then, cut: "rand:1" }, textBefore));
  for (const { file, format, tier, finish, text = "" } of midstream.recorded) {
    if (!isSpoken(format)) continue;
    const answers = [{ file, cut: "event" }, good[format].answer];
    const name = `recorded ${file}`;
    if (finish?.unified === "length") cases.push({ name, format, answers, status: "limit", shown: text, requests: 1 });
    // What it says decides: a mistake in the request is the same the next time.
    else if (tier === "error")
      cases.push(
        /chat-009/.test(file)
          ? { name, format, answers, status: "failed", requests: 1 }
          : { name, format, answers, status: "ok", requests: 2 },
      );
  }
  const cuts = (
    read("errors/truncations.json") as { entries: { file: string; format: string; how: string; cutAtByte: number; textSoFar: string }[] }
  ).entries;
  for (const { file, format, how, cutAtByte, textSoFar } of cuts) {
    if (!isSpoken(format)) continue;
    for (const drop of [true, false])
      cases.push(
        twice(`${drop ? "dropped" : "ended"} at ${how} ${file}`, format, { file, upTo: cutAtByte, drop, cut: "event" }, textSoFar),
      );
  }
  // A provider that never does better.
  for (const format of formats) {
    const cut = cuts.findLast((one) => one.format === format)!;
    const bad = { file: cut.file, upTo: cut.cutAtByte, drop: true };
    cases.push({
      name: `dropped each time ${cut.file}`,
      format,
      answers: [bad, bad, bad, bad],
      status: "failed",
      reason: /connection|stream/,
      requests: 4,
    });
  }
  return cases;
}

type Lane = { number: number; url: string; process: ChildProcess };

async function openLane(number: number): Promise<Lane> {
  const child = spawn(process.execPath, [path.join(streams, "serve.mjs")], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(child.stdout!, "data")) as [Buffer];
  return { number, url: `http://127.0.0.1:${(JSON.parse(line.toString()) as { port: number }).port}`, process: child };
}

const providersOf = ({ number, url }: Lane): Record<string, unknown> => {
  const one = (type: string, base_url: string) => ({
    type,
    base_url,
    api_key: "sk-of-a-test",
    models: [{ id: "m", context_window: 200_000, default_max_tokens: 4_000 }],
  });
  return {
    [`openai-chat-${number}`]: one("openai-compat", `${url}/v1`),
    [`openai-responses-${number}`]: one("openai", `${url}/v1/responses`),
    [`anthropic-${number}`]: one("anthropic", url),
    [`google-${number}`]: one("google", url),
  };
};

export type StreamErrorsFigures = { cases: number; requests: number; wrong: string[]; seconds: number; longestMs: number };

/** @param every  only each so-manieth case */
export async function streamErrorsRun({ lanes: count, every = 1 }: { lanes: number; every?: number }): Promise<StreamErrorsFigures> {
  const started = performance.now();
  const cases = makeCases().filter((_, i) => i % every === 0);
  const good = goodAnswers();
  const lanes = await Promise.all(Array.from({ length: count }, (_, i) => openLane(i)));
  const figures: StreamErrorsFigures = { cases: cases.length, requests: 0, wrong: [], seconds: 0, longestMs: 0 };
  try {
    await using product = await openProduct();
    const titles = { type: "openai-compat", base_url: `${product.simulator.url}/v1`, api_key: "k", models: [{ id: "t" }] };
    product.writeConfig({
      providers: { ...Object.assign({}, ...lanes.map(providersOf)), titles },
      models: { small: { provider: "titles", model: "t" } },
      // A conversation that is too long would be made shorter, by further requests.
      options: { disable_auto_summarize: true },
    });
    await product.serve();
    await Promise.all(
      lanes.map(async (lane) => {
        for (let next = cases.shift(); next; next = cases.shift()) {
          const at = performance.now();
          const wrong = await judge(product, lane, next, good[next.format].text);
          figures.longestMs = Math.max(figures.longestMs, Math.round(performance.now() - at));
          figures.requests += next.requests;
          figures.wrong.push(...wrong.map((what) => `${next.format}: ${next.name}: ${what}`));
        }
      }),
    );
  } finally {
    for (const lane of lanes) lane.process.kill("SIGKILL");
  }
  figures.seconds = Math.round((performance.now() - started) / 100) / 10;
  return figures;
}

const textOf = ({ parts }: Message): string => parts.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("");

async function judge(
  product: Product,
  lane: Lane,
  { format, answers, status, shown, reason, requests }: Case,
  good: string,
): Promise<string[]> {
  const client = product.connect();
  const log = async (): Promise<unknown[]> => (await (await fetch(`${lane.url}/__log`)).json()) as unknown[];
  const before = (await log()).length;
  await fetch(`${lane.url}/__queue`, { method: "POST", body: JSON.stringify(answers) });
  try {
    const model = { provider: `${format}-${lane.number}`, model: "m" };
    const { session } = await client.request("session.create", {
      workspace: product.workspace,
      env: product.env,
      title: "t",
      model,
      yolo: true,
    });
    await client.request("session.prompt", { session: session.id, text: "go", options: { headless: true } });
    const turn = await ended(() => client.request("session.turns", { session: session.id }).then(({ turns }) => turns[0]));
    if (turn === undefined) return [`hangs: no end within ${hangMs / 1_000} s`];
    const { messages } = await client.request("session.messages", { session: session.id });
    const wrong: string[] = [];
    const said = messages.filter(({ role }) => role === "assistant");
    const kept = said.filter(({ abandoned }) => abandoned);
    if (turn.status !== status) wrong.push(`the turn is ${turn.status} (${turn.reason ?? ""}), not ${status}`);
    if (reason && !reason.test(turn.reason ?? "")) wrong.push(`the reason is ${JSON.stringify(turn.reason)}`);
    const asked = (await log()).length - before;
    if (asked !== requests) wrong.push(`${asked} requests, not ${requests}`);
    if (status === "ok" && textOf(said.at(-1)!) !== good) wrong.push("the second answer is not the one that was sent");
    if (status === "ok" && said.at(-1)!.abandoned) wrong.push("the good answer is abandoned");
    const first = status === "ok" ? (kept[0] ?? undefined) : said[0];
    if (shown !== undefined && shown !== "" && (first === undefined || textOf(first) !== shown))
      wrong.push(`kept text is ${JSON.stringify(first && textOf(first))}, not ${JSON.stringify(shown)}`);
    if (kept.some(({ finish }) => finish !== "error")) wrong.push("a broken attempt ended as if it were whole");
    const broken = new Set(kept.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === "tool_call" ? [part.call] : []))));
    if (messages.some(({ role, parts }) => role === "tool" && parts.some((part) => part.kind === "tool_result" && broken.has(part.call))))
      wrong.push("a call of a broken attempt was answered");
    if (messages.some(({ role }) => role === "tool")) wrong.push("a tool ran");
    return wrong;
  } catch (error) {
    return [`threw ${String(error)}`];
  } finally {
    // What was not asked for is not left to the next case.
    while ((await log()).length - before < answers.length)
      await fetch(`${lane.url}/`, { method: "POST" }).then(
        (one) => one.arrayBuffer(),
        () => undefined,
      );
    await client.close();
  }
}

async function ended(turn: () => Promise<Turn | undefined>): Promise<Turn | undefined> {
  const until = performance.now() + hangMs;
  while (performance.now() < until) {
    const now = await turn();
    if (now !== undefined && now.status !== "queued" && now.status !== "running") return now;
    await sleep(pollMs);
  }
  return undefined;
}
