// A working day through the real product, as a script: turns with tools on four wires in turn, compactions, forks, undo and redo, a server
// that is restarted. Beside it run a plain model of the files and of what was said, and an account of every request that the provider on
// loopback has answered; both know nothing of stores, journals or prices in the product.
import fs from "node:fs";
import path from "node:path";
import type { Turn } from "../../src/protocol/index.ts";
import type { Subscription } from "../../src/sdk/index.ts";
import { bill, dayConfig, near, plus, type Provider, providers, wireOf } from "./day-account.ts";
import { DayChecks, type Track } from "./day-checks.ts";
import { messagesOf, type Said, shapeOf } from "./day-history.ts";
import { makeSteps } from "./day-steps.ts";
import { type Product, openProduct, sleep } from "./product.ts";
import { randomOf } from "./random.ts";
import { noUsage } from "./session-row.ts";
import type { Script, Seen } from "./simulator.ts";

const wideWindow = 1_000_000;
/** An auto-compaction is due in a window of which the conversation takes this share. */
const fullShare = 0.85;
const endsWithinMs = 30_000;

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
  readonly #check: DayChecks;
  readonly #done: DayFigures["done"] = { turns: 0, requests: 0, toolCalls: 0, undos: 0, redos: 0, forks: 0, compactions: 0, restarts: 0 };
  #now: { track: Track; said: Said; left: Script[]; provider: Provider } | undefined;

  constructor(product: Product, seed: number) {
    this.#product = product;
    this.#client = product.connect();
    this.#below = randomOf(seed);
    this.#check = new DayChecks(product, this.#client, this.#files);
  }

  async run(turns: number): Promise<DayFigures> {
    const began = performance.now();
    this.#product.writeConfig(dayConfig(this.#product.simulator.url, wideWindow));
    this.#product.simulator.play((asked) => this.#answer(asked));
    for (const [name, content] of [
      ["mine.txt", "mine\r\n"],
      ["data/mine.json", '{"ü": "日本語"}'],
    ] as const)
      this.#byHand(name, content);
    const { session } = await this.#client.request("session.create", { workspace: this.#product.workspace, yolo: true });
    const main = this.#track(session.id, "main", []);
    await this.#day(main, turns);
    for (const track of this.#tracks) await this.#check.history(track);
    for (const track of this.#tracks) await this.#check.account(track, "cost at the end");
    for (const track of this.#tracks) await this.#check.replay(track);
    for (const subscription of this.#subscriptions) subscription.close();
    const { cost } = this.#tracks.map(({ usage }) => usage).reduce(plus);
    return { checks: this.#check.counts, done: this.#done, wrong: this.#check.wrong, cost, seconds: (performance.now() - began) / 1_000 };
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
        this.#product.writeConfig(dayConfig(this.#product.simulator.url, wideWindow));
        await this.#check.summaries(main);
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
    const number = ++this.#done.turns;
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
    this.#check.that("turn ended ok", ended?.status === "ok" && scripts.length === 0, () => `${mark} ${ended?.status} ${ended?.reason}`);
    for (const [name, content] of made.edits.after) this.#files.set(name, content);
    this.#done.toolCalls += made.steps.reduce((sum, { calls }) => sum + calls.length, 0);
    this.#check.files(`${mark} on ${provider.id}`);
    this.#check.that("cost of a turn", near(ended?.usage.cost, said.cost), () => `${mark} ${ended?.usage.cost}, not ${said.cost}`);
    await this.#check.account(track, "cost after a turn");
  }

  async #undo(track: Track): Promise<Undone> {
    const { id: session } = track;
    const said = track.said.findLast(({ undone }) => !undone)!;
    const preview = await this.#client.request("session.undo", { session, preview: true });
    this.#check.files(`preview of ${said.mark}`);
    const result = await this.#client.request("session.undo", { session });
    this.#done.undos++;
    const undone: Undone = { said, files: [] };
    for (const [name, before] of said.edits.before) {
      undone.files.push({ name, from: this.#files.get(name), to: before });
      this.#set(name, before);
    }
    this.#mark(said, true);
    this.#check.travel(said, preview, result);
    this.#check.files(`undo of ${said.mark}`);
    return undone;
  }

  /** Newest undo first. */
  async #redo(track: Track, list: Undone[]): Promise<void> {
    for (const { said, files } of list.toReversed()) {
      const result = await this.#client.request("session.redo", { session: track.id });
      this.#done.redos++;
      for (const { name, from } of files) this.#set(name, from);
      this.#mark(said, false);
      this.#check.travel(said, undefined, result);
      this.#check.files(`redo of ${said.mark}`);
    }
    await this.#check.account(track, "cost after undo and redo");
  }

  /** @returns how many undos it took */
  async #goBack(track: Track, most: number): Promise<number> {
    const what = this.#done.undos % 4;
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
    track.said.push(said);
    const { turn } = await this.#client.request("session.compact", { session: track.id, instructions: "what was written" });
    said.id = turn;
    const ended = await this.#ended(track, turn);
    this.#check.that("turn ended ok", ended?.status === "ok", () => `compaction: ${ended?.status} ${ended?.reason}`);
    this.#check.that("cost of a turn", near(ended?.usage.cost, said.cost), () => `compaction ${ended?.usage.cost}, not ${said.cost}`);
    await this.#check.summaries(track);
    await this.#redo(track, [await this.#undo(track)]);
  }

  /** Windows that the conversation nearly fills: before its next completion it is compacted. */
  async #narrow(track: Track): Promise<void> {
    const { session } = await this.#client.request("session.get", { session: track.id });
    this.#product.writeConfig(dayConfig(this.#product.simulator.url, Math.ceil(session.contextTokens / fullShare)));
  }

  async #restart(track: Track): Promise<void> {
    const before = await this.#client.request("session.get", { session: track.id });
    const pid = this.#product.discovery()!.pid;
    const { code, stderr } = await this.#product.run(["server", "stop"]);
    this.#check.that("restart", code === 0, () => `server stop: ${code} ${stderr}`);
    const after = await this.#client.request("session.get", { session: track.id });
    this.#done.restarts++;
    this.#check.that("restart", this.#product.discovery()!.pid !== pid, () => "the same server answers");
    this.#check.that(
      "restart",
      JSON.stringify(before) === JSON.stringify(after),
      () => `${JSON.stringify(before)} became ${JSON.stringify(after)}`,
    );
    this.#check.files("restart");
  }

  async #fork(track: Track, where: "answer" | "prompt" | "all", turns: number): Promise<void> {
    const all = await messagesOf(this.#client, track.id);
    const counting = track.said.filter(({ undone, prompt }) => !undone && prompt !== "");
    const at = counting.at(-3)!;
    const own = all.filter(({ turn }) => turn === at.id);
    const message = where === "answer" ? own.at(-1) : where === "prompt" ? own.find(({ role }) => role === "user") : undefined;
    const end = message === undefined ? all.length : all.indexOf(message) + (where === "answer" ? 1 : 0);
    const expected = all.slice(0, end).filter(({ undone }) => !undone);
    const forked = await this.#client.request("session.fork", { session: track.id, ...(message && { message: message.id }) });
    const number = ++this.#done.forks;
    const fork = this.#track(forked.session.id, `fork${number}`, expected.map(shapeOf));
    await this.#client.request("session.setYolo", { session: fork.id, yolo: true });
    this.#check.files("fork");
    this.#check.that("fork", forked.prompt === (where === "prompt" ? at.prompt : undefined), () => `prompt ${forked.prompt}`);
    this.#check.that("fork", forked.session.usage.cost === 0, () => `it begins with a cost of ${forked.session.usage.cost}`);
    await this.#check.history(fork);
    for (let left = turns; left > 0; left--) await this.#turn(fork);
    const undone = await this.#undo(fork);
    if (number % 2 === 0) await this.#redo(fork, [undone]);
    await this.#check.history(fork);
  }

  // --- what the provider says

  #answer(asked: Seen): Script {
    this.#done.requests++;
    const now = this.#now!;
    const marks = asked.raw.match(/mark-\d+-/g) ?? [];
    const isTitle = asked.raw.includes("Name this conversation");
    const isSummary = /It will be removed to make room|Merge them into one/.test(asked.raw);
    const track = (isTitle ? this.#owner.get(marks.at(-1) ?? "") : undefined) ?? now.track;
    const { usage: paid, told: usage } = bill(asked, this.#below);
    track.usage = plus(track.usage, paid);
    if (!isTitle) now.said.cost += paid.cost;
    if (isTitle) return { text: "A title", usage };
    const undone = marks.find((mark) => this.#undoneMarks.has(mark));
    this.#check.that("nothing undone is sent", undone === undefined, () => `${undone} stands in a request of ${now.said.mark}`);
    if (isSummary) {
      const text = `SUMMARY of ${now.said.mark}`;
      // It may be made in parts.
      if (track.summary !== text) {
        this.#done.compactions++;
        track.compactions++;
      }
      track.summary = text;
      track.wholeFrom = track.said.indexOf(now.said);
      return { text, usage };
    }
    const sent = new Set(marks);
    const missing = track.said.slice(track.wholeFrom).find(({ mark, undone, prompt }) => !undone && prompt !== "" && !sent.has(mark));
    this.#check.that(
      "all that counts is sent",
      missing === undefined,
      () => `${missing?.mark} is missing in a request of ${now.said.mark}`,
    );
    this.#check.that(
      "all that counts is sent",
      track.summary === undefined || asked.raw.includes(track.summary),
      () => `${now.said.mark}: no summary`,
    );
    this.#check.that("wire", wireOf(asked.path) === now.provider.id, () => `${now.said.mark} was asked at ${asked.path}`);
    const script = now.left.shift();
    this.#check.that("requests of a turn", script !== undefined, () => `${now.said.mark}: one more than there is an answer to`);
    return { ...(script ?? { text: "Nothing." }), usage };
  }

  // --- its means

  #track(id: string, directory: string, copied: string[]): Track {
    const track: Track = {
      id,
      directory,
      said: [],
      copied,
      wholeFrom: 0,
      summary: undefined,
      usage: noUsage,
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
      onResync: () => this.#check.that("one turn.completed", false, () => "events were lost"),
      onError: (error) => this.#check.that("one turn.completed", false, () => error.message),
    });
    this.#subscriptions.push(subscription);
    return track;
  }

  async #ended(track: Track, turn: string): Promise<Turn | undefined> {
    const until = performance.now() + endsWithinMs;
    while (!track.ended.has(turn) && performance.now() < until) await sleep(2);
    return track.ended.get(turn)?.[0];
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
