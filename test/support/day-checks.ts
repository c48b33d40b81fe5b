// What must be true in a scripted day: files byte for byte, each end of a turn told once, the history as it was said, the sum that was paid.
import fs from "node:fs";
import path from "node:path";
import type { TimeResult, Turn, Usage } from "../../src/protocol/index.ts";
import type { Client } from "../../src/sdk/index.ts";
import { counts, near } from "./day-account.ts";
import { messagesOf, type Said, shapeOf, wrongIn } from "./day-history.ts";
import { type Product, sleep } from "./product.ts";

const settlesWithinMs = 5_000;

/** A session and what must be true of it. */
export type Track = {
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

/** Holds the product against what was said and paid, and counts what is right. */
export class DayChecks {
  readonly counts: Record<string, { passed: number; failed: number }> = {};
  readonly wrong: string[] = [];
  readonly #product: Product;
  readonly #client: Client;
  readonly #files: ReadonlyMap<string, string>;

  /** @param files  what is to be in the workspace, kept by whoever changes it */
  constructor(product: Product, client: Client, files: ReadonlyMap<string, string>) {
    this.#product = product;
    this.#client = client;
    this.#files = files;
  }

  that(name: string, holds: boolean, detail: () => string): void {
    this.counts[name] ??= { passed: 0, failed: 0 };
    const count = this.counts[name];
    if (holds) count.passed++;
    else {
      count.failed++;
      this.wrong.push(`${name}: ${detail()}`);
    }
  }

  files(when: string): void {
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
    this.that("files byte-exact", wrong.length === 0, () => `after ${when}: ${wrong.join(", ")}`);
  }

  travel(said: Said, preview: TimeResult | undefined, result: TimeResult): void {
    const right =
      result.applied && result.turns.join() === said.id && result.files.every(({ state, change }) => state === "done" || change === "none");
    this.that(
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
    this.that("preview", told, () => `${said.mark}: ${JSON.stringify(preview)}`);
  }

  /** Every request that was answered is paid for once: a title may come a moment after its turn. */
  async account(track: Track, name: string): Promise<void> {
    // A sum that was wrong once stays so: waiting each time would take all day.
    const until = performance.now() + (this.wrong.length === 0 ? settlesWithinMs : 0);
    for (;;) {
      const { session } = await this.#client.request("session.get", { session: track.id });
      const { usage } = session;
      const same = near(usage.cost, track.usage.cost) && counts.every((kind) => usage[kind] === track.usage[kind]);
      if (!same && performance.now() < until) await sleep(10);
      else return this.that(name, same, () => `${track.directory}: ${JSON.stringify(usage)}, not ${JSON.stringify(track.usage)}`);
    }
  }

  async summaries(track: Track): Promise<void> {
    const summaries = (await messagesOf(this.#client, track.id)).filter(({ summary }) => summary !== undefined);
    this.that("compaction", summaries.length === track.compactions, () => `${summaries.length} summaries, not ${track.compactions}`);
    this.that("compaction", JSON.stringify(summaries.at(-1)?.parts).includes(track.summary!), () => "its text is not the model's");
  }

  /** Everything that was said is there, once, in its order, word by word, and marked where it was undone. */
  async history(track: Track): Promise<void> {
    const all = await messagesOf(this.#client, track.id);
    const copied = all.slice(0, track.copied.length).map(shapeOf);
    if (track.copied.length > 0)
      this.that("fork", copied.join("\n") === track.copied.join("\n"), () => `${track.directory}: its history is not that of its source`);
    const own = all.slice(track.copied.length);
    const order = [...new Set(own.map(({ turn }) => turn))];
    const spoken = track.said.filter(({ mark }) => !mark.startsWith("compact") || own.some(({ summary }) => summary !== undefined));
    this.that(
      "history in order",
      order.join() === spoken.map(({ id }) => id).join(),
      () => `${track.directory}: ${order.length} turns, not ${spoken.length}`,
    );
    for (const said of track.said) {
      const messages = own.filter(({ turn }) => turn === said.id);
      const wrong = said.prompt === "" ? undefined : wrongIn(messages, said);
      this.that("history complete", wrong === undefined, () => `${said.mark}: ${wrong}`);
      const marked = messages.every(({ undone = false }) => undone === said.undone);
      this.that("undone is marked", marked, () => `${said.mark} undone: ${said.undone}`);
      const ends = track.ended.get(said.id)?.length ?? 0;
      this.that("one turn.completed", ends === 1, () => `${said.mark}: ${ends}`);
    }
    const foreign = [...track.ended.keys()].filter((id) => !track.said.some((said) => said.id === id)).length;
    const expected = new Set(all.slice(0, track.copied.length).map(({ turn }) => turn)).size;
    this.that("one turn.completed", foreign === expected, () => `${track.directory}: ${foreign} of turns of its source, not ${expected}`);
  }

  /** Whoever comes later and asks for everything is told of each end once, too. */
  async replay(track: Track): Promise<void> {
    const ended: string[] = [];
    const subscription = this.#product.connect().subscribe(track.id, {
      after: 0,
      onEvent: (event) => void (event.kind === "turn.completed" && ended.push(event.data.turn.id)),
    });
    await subscription.live;
    subscription.close();
    const seen = [...track.ended.keys()];
    this.that(
      "one turn.completed",
      ended.join() === seen.join(),
      () => `${track.directory}: ${ended.length} replayed, ${seen.length} seen`,
    );
  }
}
