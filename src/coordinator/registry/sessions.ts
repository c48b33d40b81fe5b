import type { Queries } from "../../contracts/store.ts";
import { CommandError, type ModelRef, type Session } from "../../protocol/index.ts";
import { SessionGrants } from "../permissions/grants.ts";
import type { AgentWork } from "../turn/agent-profile.ts";
import type { TurnQueue } from "../turn/queue.ts";

/** Sessions kept open without anything running: reopening one costs a row, an arena in a worker costs its conversation. */
const idleSessionsMax = 64;

/** A session that something happens to. `session` is its newest state; the store has it after the commit that said so. */
export type OpenSession = {
  readonly id: string;
  session: Session;
  /** Where its arena, its completions and its screens live. Fixed while one of them is there. */
  shard: number | undefined;
  readonly grants: SessionGrants;
  readonly turns: TurnQueue;
  /** Called once, when the next completion has ended well: what may wait until then does not compete with the first answer. */
  onAnswer?: (() => void) | undefined;
  /** For titles, when it is not the configured one. Kept in memory only. */
  smallModel?: ModelRef;
  /** It is an agent's; set while it works. */
  agent?: AgentWork;
  /** Texts of the last system prompt, and what they were made for. */
  system: { key: string; texts: Promise<string[]> } | undefined;
};

export class Sessions {
  readonly #queries: Queries;
  readonly #makeTurns: (entry: () => OpenSession) => TurnQueue;
  readonly #inUse: (entry: OpenSession) => boolean;
  readonly #forget: (entry: OpenSession) => void;
  readonly #open = new Map<string, OpenSession>();

  constructor(options: {
    queries: Queries;
    turns: (entry: () => OpenSession) => TurnQueue;
    /** Has screens or subscribers; running turns are seen here. */
    inUse: (entry: OpenSession) => boolean;
    /** The worker may drop what it holds. */
    forget: (entry: OpenSession) => void;
  }) {
    this.#queries = options.queries;
    this.#makeTurns = options.turns;
    this.#inUse = options.inUse;
    this.#forget = options.forget;
  }

  /** The open session, opened from the store if needed. @throws CommandError not_found */
  open(id: string): OpenSession {
    const known = this.#open.get(id);
    if (known !== undefined) {
      // Last used is last in the map.
      this.#open.delete(id);
      this.#open.set(id, known);
      return known;
    }
    const session = this.#queries.session(id);
    if (session === undefined) throw new CommandError("not_found", `There is no session ${id}`);
    return this.add(session);
  }

  add(session: Session, shard?: number): OpenSession {
    const entry: OpenSession = {
      id: session.id,
      session,
      shard,
      grants: new SessionGrants(),
      turns: this.#makeTurns(() => entry),
      system: undefined,
    };
    this.#open.set(session.id, entry);
    this.#trim();
    return entry;
  }

  peek(id: string): OpenSession | undefined {
    return this.#open.get(id);
  }

  remove(id: string): void {
    const entry = this.#open.get(id);
    if (entry === undefined) return;
    this.#open.delete(id);
    this.#forget(entry);
  }

  /** Whoever opened it is done with it: it goes unless somebody looks at it. */
  release(id: string): void {
    const entry = this.#open.get(id);
    if (entry !== undefined && !entry.turns.busy && !this.#inUse(entry)) this.remove(id);
  }

  all(): OpenSession[] {
    return [...this.#open.values()];
  }

  get size(): number {
    return this.#open.size;
  }

  #trim(): void {
    if (this.#open.size <= idleSessionsMax) return;
    let extra = this.#open.size - idleSessionsMax;
    for (const entry of [...this.#open.values()].slice(0, -1)) {
      if (extra <= 0) return;
      if (entry.turns.busy || this.#inUse(entry)) continue;
      this.remove(entry.id);
      extra--;
    }
  }
}
