import type { Queries, Store } from "../../contracts/store.ts";
import { CommandError, type MethodName } from "../../protocol/index.ts";

/** Answers of mutating requests by key: the same key gets the same answer, and nothing runs twice. */
export class Idempotency {
  readonly #store: Pick<Store, "saveKey">;
  readonly #queries: Pick<Queries, "key">;
  readonly #running = new Map<string, { method: MethodName; answer: Promise<unknown> }>();

  constructor(options: { store: Pick<Store, "saveKey">; queries: Pick<Queries, "key"> }) {
    this.#store = options.store;
    this.#queries = options.queries;
  }

  /**
   * Runs `work` unless the key has an answer; one that runs already is waited for. `work` may call `remember` in the same turn
   * of the event loop as its commit, so that both are in one transaction: then not even a crash in between makes it run twice.
   * A refusal is not kept: it changed nothing, and what it said may be mended.
   * @throws CommandError bad_request when the key was used for another method
   */
  async once(key: string, method: MethodName, work: (remember: (result: unknown) => void) => Promise<unknown>): Promise<unknown> {
    const running = this.#running.get(key);
    if (running !== undefined) {
      this.#check(key, method, running.method);
      return running.answer;
    }
    const known = this.#queries.key(key);
    if (known !== undefined) {
      this.#check(key, method, known.method);
      return JSON.parse(known.answer) as unknown;
    }
    const answer = this.#run(key, method, work);
    this.#running.set(key, { method, answer });
    try {
      return await answer;
    } finally {
      this.#running.delete(key);
    }
  }

  async #run(key: string, method: MethodName, work: (remember: (result: unknown) => void) => Promise<unknown>): Promise<unknown> {
    let saved: Promise<void> | undefined;
    const remember = (result: unknown): void => {
      if (saved !== undefined) return;
      saved = this.#store.saveKey(key, method, JSON.stringify(result));
      // Reported below; the work may fail first.
      saved.catch(() => {});
    };
    const result = await work(remember);
    remember(result);
    await saved;
    return result;
  }

  #check(key: string, method: MethodName, usedFor: string): void {
    if (usedFor !== method) throw new CommandError("bad_request", `Key "${key}" was used for ${usedFor}; use a new key for ${method}`);
  }
}
