// A working day through the real product, as a script: turns with tools on four wires in turn, compactions, forks, undo and redo, a server
// that is restarted. Beside it run a plain model of the files and of what was said, and an account of every request that the provider on
// loopback has answered; both know nothing of stores, journals or prices in the product.
import fs from "node:fs";
import path from "node:path";
import type { Message, TimeResult, Turn, Usage } from "../../src/protocol/index.ts";
import type { Subscription } from "../../src/sdk/index.ts";
import { type Edits, makeSteps, type Step } from "./day-steps.ts";
import { type Product, openProduct, sleep } from "./product.ts";
import type { Script, Seen } from "./simulator.ts";

type Price = { input: number; output: number; cacheRead: number; cacheWrite: number };
type Provider = { id: string; type: string; base: string; prices: { large: Price; small: Price } };

const price = (input: number, output: number, cacheRead: number, cacheWrite: number): Price => ({ input, output, cacheRead, cacheWrite });
/** One of each wire; no two prices are alike, so that none can stand for another. */
const providers: readonly Provider[] = [
  { id: "chat", type: "openai-compat", base: "/v1", prices: { large: price(2.5, 10, 1.25, 2.6), small: price(0.15, 0.6, 0.07, 0.16) } },
  {
    id: "responses",
    type: "openai",
    base: "/v1/responses",
    prices: { large: price(1.75, 14, 0.175, 1.8), small: price(0.25, 2, 0.025, 0.26) },
  },
  { id: "anthropic", type: "anthropic", base: "", prices: { large: price(3, 15, 0.3, 3.75), small: price(0.8, 4, 0.08, 1) } },
  { id: "google", type: "google", base: "", prices: { large: price(1.2, 12, 0.31, 1.3), small: price(0.3, 2.4, 0.03, 0.31) } },
];
const wireOf = (where: string): string =>
  where.includes("/chat/completions")
    ? "chat"
    : where.includes("/responses")
      ? "responses"
      : where.includes("/messages")
        ? "anthropic"
        : "google";

const wideWindow = 1_000_000;
/** An auto-compaction is due in a window of which the conversation takes this share. */
const fullShare = 0.85;
const endsWithinMs = 30_000;
const settlesWithinMs = 5_000;
/** Two sums of the same doubles in another order. */
const costTolerance = 1e-9;

type Said = { mark: string; id: string; prompt: string; steps: Step[]; answer: string; edits: Edits; undone: boolean; cost: number };
/** A session and what must be true of it. */
type Track = {
  id: string;
  directory: string;
  said: Said[];
  /** What it was forked with; empty in the first one. */
  copied: string[];
  /** Turns before this one may stand in a summary. */
  wholeFrom: number;
  summary: string | undefined;
  usage: Usage;
  ended: Map<string, Turn[]>;
  compactions: number;
};
type Undone = { said: Said; files: { name: string; from: string | undefined; to: string | undefined }[] };

export type DayFigures = {
  checks: Record<string, { passed: number; failed: number }>;
  done: Record<"turns" | "requests" | "toolCalls" | "undos" | "redos" | "forks" | "compactions" | "restarts", number>;
  wrong: string[];
  cost: number;
  seconds: number;
};

/** @param turns  at least 40: fewer have no room for everything a day has */
export async function dayRun({ turns, seed }: { turns: number; seed: number }): Promise<DayFigures> {
  await using product = await openProduct();
  await product.serve();
  return await new Day(product, seed).run(turns);
}

class Day {
  readonly #product: Product;
  readonly #client: ReturnType<Product["connect"]>;
  readonly #below: (below: number) => number;
  readonly #files = new Map<string, string>();
  readonly #tracks: Track[] = [];
  readonly #owner = new Map<string, Track>();
  readonly #subscriptions: Subscription[] = [];
  readonly #undoneMarks = new Set<string>();
  readonly #figures: DayFigures = {
    checks: {},
    done: { turns: 0, requests: 0, toolCalls: 0, undos: 0, redos: 0, forks: 0, compactions: 0, restarts: 0 },
    wrong: [],
    cost: 0,
    seconds: 0,
  };
  #now: { track: Track; said: Said; left: Script[]; provider: Provider } | undefined;

  constructor(product: Product, seed: number) {
    this.#product = product;
    this.#client = product.connect();
    this.#below = randomOf(seed);
  }

  async run(turns: number): Promise<DayFigures> {
    const began = performance.now();
    this.#configure(wideWindow);
    this.#product.simulator.play((asked) => this.#answer(asked));
    for (const [name, content] of [
      ["mine.txt", "mine\r\n"],
      ["data/mine.json", '{"ü": "日本語"}'],
    ] as const)
      this.#byHand(name, content);
    const { session } = await this.#client.request("session.create", { workspace: this.#product.workspace, yolo: true });
    const main = this.#track(session.id, "main", []);
    await this.#day(main, turns);
    for (const track of this.#tracks) await this.#checkHistory(track);
    for (const track of this.#tracks) await this.#checkAccount(track, "cost at the end");
    for (const track of this.#tracks) await this.#checkReplay(track);
    for (const subscription of this.#subscriptions) subscription.close();
    const { cost } = this.#tracks.map(({ usage }) => usage).reduce(plus);
    return { ...this.#figures, cost, seconds: (performance.now() - began) / 1_000 };
  }

  async #day(main: Track, turns: number): Promise<void> {
    const undos = turns >= 300 ? 20 : Math.max(8, Math.round(turns / 15));
    const forkTurns = Math.max(2, Math.round(turns * 0.04));
    // Of the undos, one is in each fork, and one takes back each compaction.
    const mainTurns = turns - 3 * forkTurns;
    const every = Math.floor(mainTurns / (undos - 5));
    const at = (share: number): number => Math.floor(mainTurns * share);
    const forks = new Map([[at(0.25), "answer"] as const, [at(0.55), "prompt"] as const, [at(0.85), "all"] as const]);
    let left = undos - 5;
    for (let number = 1; number <= mainTurns; number++) {
      const compacts = number === at(0.4);
      if (compacts) await this.#narrow(main);
      await this.#turn(main);
      if (compacts) {
        this.#configure(wideWindow);
        await this.#checkSummaries(main);
        await this.#redo(main, [await this.#undo(main)]);
      } else if (number === at(0.7)) await this.#compact(main);
      else if (left > 0 && number % every === 0) left -= await this.#goBack(main, left);
      if (number === at(0.5)) await this.#restart(main);
      const fork = forks.get(number);
      if (fork !== undefined) await this.#fork(main, fork, forkTurns);
    }
    while (left > 0) left -= await this.#goBack(main, left);
  }

  // --- what is done

  async #turn(track: Track): Promise<void> {
    const number = ++this.#figures.done.turns;
    const provider = providers[number % providers.length]!;
    const mark = `mark-${number}-`;
    this.#owner.set(mark, track);
    const made = makeSteps({ number, directory: track.directory, root: this.#product.workspace, files: this.#files, below: this.#below });
    const said: Said = {
      mark,
      id: "",
      prompt:
        `${mark} Do number ${number} in ${track.directory}. ${'Take care of the "quotes", the ünïcode and 日本語. '.repeat(4)}`.trim(),
      ...made,
      answer: `Answer ${number}: done, with **care**\n\n\`\`\`\n${number}\n\`\`\``,
      undone: false,
      cost: 0,
    };
    const reasoning = number % 3 === 0 ? { reasoning: `I think about number ${number} ` } : {};
    const scripts: Script[] = [
      ...made.steps.map((step) => ({ ...reasoning, text: step.text, tools: step.calls })),
      { ...reasoning, text: said.answer },
    ];
    const model = { provider: provider.id, model: `${provider.id}-large` };
    await this.#client.request("session.setModel", { session: track.id, model });
    this.#now = { track, said, left: scripts, provider };
    track.said.push(said);
    const { turn } = await this.#client.request("session.prompt", { session: track.id, text: said.prompt });
    said.id = turn;
    const ended = await this.#ended(track, turn);
    this.#check("turn ended ok", ended?.status === "ok" && scripts.length === 0, () => `${mark} ${ended?.status} ${ended?.reason}`);
    for (const [name, content] of made.edits.after) this.#files.set(name, content);
    this.#figures.done.toolCalls += made.steps.reduce((sum, { calls }) => sum + calls.length, 0);
    this.#checkFiles(`${mark} on ${provider.id}`);
    this.#check("cost of a turn", near(ended?.usage.cost, said.cost), () => `${mark} ${ended?.usage.cost}, not ${said.cost}`);
    await this.#checkAccount(track, "cost after a turn");
  }

  async #undo(track: Track): Promise<Undone> {
    const { id: session } = track;
    const said = track.said.findLast(({ undone }) => !undone)!;
    const preview = await this.#client.request("session.undo", { session, preview: true });
    this.#checkFiles(`preview of ${said.mark}`);
    const result = await this.#client.request("session.undo", { session });
    this.#figures.done.undos++;
    const undone: Undone = { said, files: [] };
    for (const [name, before] of said.edits.before) {
      undone.files.push({ name, from: this.#files.get(name), to: before });
      this.#set(name, before);
    }
    this.#mark(said, true);
    this.#checkTravel(said, preview, result);
    this.#checkFiles(`undo of ${said.mark}`);
    return undone;
  }

  /** Newest undo first. */
  async #redo(track: Track, list: Undone[]): Promise<void> {
    for (const { said, files } of list.toReversed()) {
      const result = await this.#client.request("session.redo", { session: track.id });
      this.#figures.done.redos++;
      for (const { name, from } of files) this.#set(name, from);
      this.#mark(said, false);
      this.#checkTravel(said, undefined, result);
      this.#checkFiles(`redo of ${said.mark}`);
    }
    await this.#checkAccount(track, "cost after undo and redo");
  }

  /** @returns how many undos it took */
  async #goBack(track: Track, most: number): Promise<number> {
    const what = this.#figures.done.undos % 4;
    const first = await this.#undo(track);
    if (what === 1) await this.#redo(track, [first]);
    if (what < 2 || most < 2) return 1;
    const second = await this.#undo(track);
    if (what === 3) await this.#redo(track, [first, second]);
    return 2;
  }

  /** By command; what it did is undone and redone, too. */
  async #compact(track: Track): Promise<void> {
    const said: Said = {
      mark: `compact-${track.said.length}-`,
      id: "",
      prompt: "",
      steps: [],
      answer: "",
      edits: { before: new Map(), after: new Map() },
      undone: false,
      cost: 0,
    };
    this.#now = { ...this.#now!, track, said, left: [] };
    const { turn } = await this.#client.request("session.compact", { session: track.id, instructions: "what was written" });
    said.id = turn;
    track.said.push(said);
    const ended = await this.#ended(track, turn);
    this.#check("turn ended ok", ended?.status === "ok", () => `compaction: ${ended?.status} ${ended?.reason}`);
    this.#check("cost of a turn", near(ended?.usage.cost, said.cost), () => `compaction ${ended?.usage.cost}, not ${said.cost}`);
    await this.#checkSummaries(track);
    await this.#redo(track, [await this.#undo(track)]);
  }

  /** Windows that the conversation nearly fills: before its next completion it is compacted. */
  async #narrow(track: Track): Promise<void> {
    const { session } = await this.#client.request("session.get", { session: track.id });
    this.#configure(Math.ceil(session.contextTokens / fullShare));
  }

  async #restart(track: Track): Promise<void> {
    const before = await this.#client.request("session.get", { session: track.id });
    const pid = this.#product.discovery()!.pid;
    const { code, stderr } = await this.#product.run(["server", "stop"]);
    this.#check("restart", code === 0, () => `server stop: ${code} ${stderr}`);
    const after = await this.#client.request("session.get", { session: track.id });
    this.#figures.done.restarts++;
    this.#check("restart", this.#product.discovery()!.pid !== pid, () => "the same server answers");
    this.#check(
      "restart",
      JSON.stringify(before) === JSON.stringify(after),
      () => `${JSON.stringify(before)} became ${JSON.stringify(after)}`,
    );
    this.#checkFiles("restart");
  }

  async #fork(track: Track, where: "answer" | "prompt" | "all", turns: number): Promise<void> {
    const all = await this.#messages(track.id);
    const counting = track.said.filter(({ undone, prompt }) => !undone && prompt !== "");
    const at = counting.at(-3)!;
    const own = all.filter(({ turn }) => turn === at.id);
    const message = where === "answer" ? own.at(-1) : where === "prompt" ? own.find(({ role }) => role === "user") : undefined;
    const end = message === undefined ? all.length : all.indexOf(message) + (where === "answer" ? 1 : 0);
    const expected = all.slice(0, end).filter(({ undone }) => !undone);
    const forked = await this.#client.request("session.fork", { session: track.id, ...(message && { message: message.id }) });
    const number = ++this.#figures.done.forks;
    const fork = this.#track(forked.session.id, `fork${number}`, expected.map(shapeOf));
    await this.#client.request("session.setYolo", { session: fork.id, yolo: true });
    this.#checkFiles("fork");
    this.#check("fork", forked.prompt === (where === "prompt" ? at.prompt : undefined), () => `prompt ${forked.prompt}`);
    this.#check("fork", forked.session.usage.cost === 0, () => `it begins with a cost of ${forked.session.usage.cost}`);
    await this.#checkHistory(fork);
    for (let left = turns; left > 0; left--) await this.#turn(fork);
    const undone = await this.#undo(fork);
    if (number % 2 === 0) await this.#redo(fork, [undone]);
    await this.#checkHistory(fork);
  }

  // --- what the provider says

  #answer(asked: Seen): Script {
    this.#figures.done.requests++;
    const now = this.#now!;
    const marks = asked.raw.match(/mark-\d+-/g) ?? [];
    const isTitle = asked.raw.includes("Name this conversation");
    const isSummary = /It will be removed to make room|Merge them into one/.test(asked.raw);
    const track = (isTitle ? this.#owner.get(marks.at(-1) ?? "") : undefined) ?? now.track;
    const usage = this.#bill(asked, track, isTitle ? undefined : now.said);
    if (isTitle) return { text: "A title", usage };
    const undone = marks.find((mark) => this.#undoneMarks.has(mark));
    this.#check("nothing undone is sent", undone === undefined, () => `${undone} stands in a request of ${now.said.mark}`);
    if (isSummary) {
      this.#figures.done.compactions += track.summary === `SUMMARY of ${now.said.mark}` ? 0 : 1;
      track.compactions += track.summary === `SUMMARY of ${now.said.mark}` ? 0 : 1;
      track.summary = `SUMMARY of ${now.said.mark}`;
      track.wholeFrom = track.said.findIndex(({ mark }) => mark === now.said.mark);
      return { text: track.summary, usage };
    }
    const sent = new Set(marks);
    const missing = track.said
      .slice(Math.max(0, track.wholeFrom))
      .find(({ mark, undone, prompt }) => !undone && prompt !== "" && !sent.has(mark));
    this.#check("all that counts is sent", missing === undefined, () => `${missing?.mark} is missing in a request of ${now.said.mark}`);
    this.#check(
      "all that counts is sent",
      track.summary === undefined || asked.raw.includes(track.summary),
      () => `${now.said.mark}: no summary`,
    );
    this.#check("wire", wireOf(asked.path) === now.provider.id, () => `${now.said.mark} was asked at ${asked.path}`);
    const script = now.left.shift();
    this.#check("requests of a turn", script !== undefined, () => `${now.said.mark}: one more than there is an answer to`);
    return { ...(script ?? { text: "Nothing." }), usage };
  }

  /** What this request will have cost, by its model's prices. */
  #bill(asked: Seen, track: Track, said: Said | undefined) {
    const model = typeof asked.body.model === "string" ? asked.body.model : (/models\/([^:]+):/.exec(asked.path)?.[1] ?? "");
    const [id, size] = model.split("-") as [string, "large" | "small"];
    const { prices } = providers.find((provider) => provider.id === id)!;
    const prompt = Math.max(1, Math.ceil(asked.raw.length / 4));
    const cached = this.#below(prompt);
    const written = id === "anthropic" ? this.#below(prompt - cached) : 0;
    const output = 10 + this.#below(400);
    const of = prices[size];
    const input = prompt - cached - written;
    const cost = (input * of.input + output * of.output + cached * of.cacheRead + written * of.cacheWrite) / 1e6;
    track.usage = plus(track.usage, { input, output, cacheRead: cached, cacheWrite: written, reasoning: 0, cost });
    if (said !== undefined) said.cost += cost;
    return { prompt_tokens: prompt, completion_tokens: output, cached, written, prompt_tokens_details: { cached_tokens: cached } };
  }

  // --- what must be true

  #check(name: string, holds: boolean, detail: () => string): void {
    const { checks } = this.#figures;
    checks[name] ??= { passed: 0, failed: 0 };
    const check = checks[name];
    if (holds) check.passed++;
    else {
      check.failed++;
      this.#figures.wrong.push(`${name}: ${detail()}`);
    }
  }

  #checkFiles(when: string): void {
    const { workspace } = this.#product;
    const found = new Map<string, Buffer>();
    for (const entry of fs.readdirSync(workspace, { recursive: true, withFileTypes: true })) {
      if (entry.isDirectory()) continue;
      const file = path.join(entry.parentPath, entry.name);
      found.set(path.relative(workspace, file), fs.readFileSync(file));
    }
    const names = new Set([...found.keys(), ...this.#files.keys()]);
    const wrong = [...names].filter((name) => {
      const expected = this.#files.get(name);
      return expected === undefined || !found.get(name)?.equals(Buffer.from(expected));
    });
    this.#check("files byte-exact", wrong.length === 0, () => `after ${when}: ${wrong.join(", ")}`);
  }

  #checkTravel(said: Said, preview: TimeResult | undefined, result: TimeResult): void {
    const right =
      result.applied && result.turns.join() === said.id && result.files.every(({ state, change }) => state === "done" || change === "none");
    this.#check(
      "undo and redo",
      right,
      () => `${said.mark}: ${JSON.stringify({ ...result, files: result.files.map(({ diff: _, ...file }) => file) })}`,
    );
    if (preview === undefined) return;
    const paths = (one: TimeResult): string =>
      one.files
        .map((file) => file.path)
        .sort()
        .join();
    const told = !preview.applied && paths(preview) === paths(result) && preview.files.every(({ state }) => state === "ready");
    this.#check("preview", told, () => `${said.mark}: ${JSON.stringify(preview)}`);
  }

  /** Every request that was answered is paid for once: a title may come a moment after its turn. */
  async #checkAccount(track: Track, name: string): Promise<void> {
    // A sum that was wrong once stays so: waiting each time would take all day.
    const until = performance.now() + (this.#figures.wrong.length === 0 ? settlesWithinMs : 0);
    for (;;) {
      const { session } = await this.#client.request("session.get", { session: track.id });
      const { usage } = session;
      const same = near(usage.cost, track.usage.cost) && counts.every((kind) => usage[kind] === track.usage[kind]);
      if (!same && performance.now() < until) await sleep(10);
      else return this.#check(name, same, () => `${track.directory}: ${JSON.stringify(usage)}, not ${JSON.stringify(track.usage)}`);
    }
  }

  async #checkSummaries(track: Track): Promise<void> {
    const summaries = (await this.#messages(track.id)).filter(({ summary }) => summary !== undefined);
    this.#check("compaction", summaries.length === track.compactions, () => `${summaries.length} summaries, not ${track.compactions}`);
    this.#check("compaction", JSON.stringify(summaries.at(-1)?.parts).includes(track.summary!), () => "its text is not the model's");
  }

  /** Everything that was said is there, once, in its order, word by word, and marked where it was undone. */
  async #checkHistory(track: Track): Promise<void> {
    const all = await this.#messages(track.id);
    const copied = all.slice(0, track.copied.length).map(shapeOf);
    if (track.copied.length > 0)
      this.#check("fork", copied.join("\n") === track.copied.join("\n"), () => `${track.directory}: its history is not that of its source`);
    const own = all.slice(track.copied.length);
    const order = [...new Set(own.map(({ turn }) => turn))];
    const spoken = track.said.filter(({ mark }) => !mark.startsWith("compact") || own.some(({ summary }) => summary !== undefined));
    this.#check(
      "history in order",
      order.join() === spoken.map(({ id }) => id).join(),
      () => `${track.directory}: ${order.length} turns, not ${spoken.length}`,
    );
    for (const said of track.said) {
      const messages = own.filter(({ turn }) => turn === said.id);
      const wrong = said.prompt === "" ? undefined : wrongIn(messages, said);
      this.#check("history complete", wrong === undefined, () => `${said.mark}: ${wrong}`);
      const marked = messages.every(({ undone = false }) => undone === said.undone);
      this.#check("undone is marked", marked, () => `${said.mark} undone: ${said.undone}`);
      const ends = track.ended.get(said.id)?.length ?? 0;
      this.#check("one turn.completed", ends === 1, () => `${said.mark}: ${ends}`);
    }
    const foreign = [...track.ended.keys()].filter((id) => !track.said.some((said) => said.id === id)).length;
    const expected = new Set(all.slice(0, track.copied.length).map(({ turn }) => turn)).size;
    this.#check("one turn.completed", foreign === expected, () => `${track.directory}: ${foreign} of turns of its source, not ${expected}`);
  }

  /** Whoever comes later and asks for everything is told of each end once, too. */
  async #checkReplay(track: Track): Promise<void> {
    const ended: string[] = [];
    const subscription = this.#product.connect().subscribe(track.id, {
      after: 0,
      onEvent: (event) => void (event.kind === "turn.completed" && ended.push(event.data.turn.id)),
    });
    await subscription.live;
    subscription.close();
    const seen = [...track.ended.keys()];
    this.#check(
      "one turn.completed",
      ended.join() === seen.join(),
      () => `${track.directory}: ${ended.length} replayed, ${seen.length} seen`,
    );
  }

  // --- its means

  #configure(window: number): void {
    const { simulator } = this.#product;
    const models = ({ id, prices }: Provider) =>
      (["large", "small"] as const).map((size) => ({
        id: `${id}-${size}`,
        name: `${id}-${size}`,
        context_window: window,
        default_max_tokens: 4_000,
        cost_per_1m_in: prices[size].input,
        cost_per_1m_out: prices[size].output,
        cost_per_1m_in_cached: prices[size].cacheWrite,
        cost_per_1m_out_cached: prices[size].cacheRead,
      }));
    this.#product.writeConfig({
      providers: Object.fromEntries(
        providers.map((one) => [
          one.id,
          { type: one.type, base_url: `${simulator.url}${one.base}`, api_key: "$SIM_API_KEY", models: models(one) },
        ]),
      ),
      models: { large: { provider: "chat", model: "chat-large" }, small: { provider: "anthropic", model: "anthropic-small" } },
    });
  }

  #track(id: string, directory: string, copied: string[]): Track {
    const track: Track = {
      id,
      directory,
      said: [],
      copied,
      wholeFrom: 0,
      summary: undefined,
      usage: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0, cost: 0 },
      ended: new Map(),
      compactions: 0,
    };
    this.#tracks.push(track);
    // One subscription for all day: it goes on over the restart.
    const subscription = this.#client.subscribe(id, {
      after: 0,
      onEvent: (event) => {
        if (event.kind !== "turn.completed") return;
        const { turn } = event.data;
        track.ended.set(turn.id, [...(track.ended.get(turn.id) ?? []), turn]);
      },
      onResync: () => this.#check("one turn.completed", false, () => "events were lost"),
      onError: (error) => this.#check("one turn.completed", false, () => error.message),
    });
    this.#subscriptions.push(subscription);
    return track;
  }

  async #ended(track: Track, turn: string): Promise<Turn | undefined> {
    const until = performance.now() + endsWithinMs;
    while (!track.ended.has(turn) && performance.now() < until) await sleep(2);
    return track.ended.get(turn)?.[0];
  }

  async #messages(session: string): Promise<Message[]> {
    const all: Message[] = [];
    for (;;) {
      const { messages, more } = await this.#client.request("session.messages", {
        session,
        ...(all[0] && { before: all[0].id }),
        limit: 100,
      });
      all.unshift(...messages);
      if (!more) return all;
    }
  }

  #byHand(name: string, content: string): void {
    const file = path.join(this.#product.workspace, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
    this.#files.set(name, content);
  }

  #set(name: string, content: string | undefined): void {
    if (content === undefined) this.#files.delete(name);
    else this.#files.set(name, content);
  }

  #mark(said: Said, undone: boolean): void {
    said.undone = undone;
    if (undone) this.#undoneMarks.add(said.mark);
    else this.#undoneMarks.delete(said.mark);
  }
}

const counts = ["input", "output", "cacheRead", "cacheWrite"] as const;
const near = (a: number | undefined, b: number): boolean => a !== undefined && Math.abs(a - b) < costTolerance;
const plus = (a: Usage, b: Usage): Usage => ({
  input: a.input + b.input,
  output: a.output + b.output,
  cacheRead: a.cacheRead + b.cacheRead,
  cacheWrite: a.cacheWrite + b.cacheWrite,
  reasoning: a.reasoning + b.reasoning,
  cost: a.cost + b.cost,
});

const textOf = ({ parts }: Message): string => parts.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("");
/** What a message says, without the ids that a copy has of its own. */
const shapeOf = ({ role, parts }: Message): string => JSON.stringify([role, parts.map(({ id: _, ...part }) => part)]);

/** What is not as it was said; nothing when all is. */
function wrongIn(messages: readonly Message[], { prompt, steps, answer }: Said): string | undefined {
  const spoken = messages.filter(({ role }) => role !== "system");
  const roles = spoken.map(({ role }) => role).join(" ");
  const expected = ["user", ...steps.flatMap(({ calls }) => ["assistant", ...calls.map(() => "tool")]), "assistant"].join(" ");
  if (roles !== expected) return `${roles}, not ${expected}`;
  if (textOf(spoken[0]!) !== prompt) return `its prompt is ${textOf(spoken[0]!)}`;
  if (textOf(spoken.at(-1)!) !== answer) return `its answer is ${textOf(spoken.at(-1)!)}`;
  let next = 1;
  for (const [at, { text, calls, results }] of steps.entries()) {
    const said = spoken[next++]!;
    const done = spoken.slice(next, next + calls.length);
    next += calls.length;
    if (textOf(said) !== text) return `step ${at} says ${textOf(said)}`;
    const made = said.parts.flatMap((part) =>
      part.kind === "tool_call" ? [`${part.name} ${JSON.stringify(JSON.parse(part.input))}`] : [],
    );
    const wanted = calls.map(({ name, arguments: input }) => `${name} ${JSON.stringify(JSON.parse(input))}`);
    if (made.join("\n") !== wanted.join("\n")) return `step ${at} calls ${made.join("\n")}`;
    const told = done.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === "tool_result" ? [part] : [])));
    const missing = results.findIndex((each, i) => told[i]?.isError !== false || !each.every((piece) => told[i]!.text.includes(piece)));
    if (told.length !== results.length || missing >= 0) return `step ${at} got ${JSON.stringify(told)}`;
  }
  return undefined;
}

/** mulberry32: the same seed, the same day. */
function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}
