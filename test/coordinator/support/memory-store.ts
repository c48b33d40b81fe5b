import type { NewEvent, Queries, Store, StoreErrorCode, StreamedText } from "../../../src/contracts/store.ts";
import type { DurableEvent, Message, Permission, Session, Turn } from "../../../src/protocol/index.ts";

class MemoryStoreError extends Error {
  readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode) {
    super(`the store says ${code}`);
    this.code = code;
  }
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What survives a crash: give it to the next MemoryStore. */
export class Disk {
  readonly events = new Map<string, DurableEvent[]>();
  readonly sessions = new Map<string, Session>();
  readonly messages = new Map<string, Message>();
  readonly turns = new Map<string, Turn>();
  readonly permissions = new Map<string, Permission>();
  readonly keys = new Map<string, { method: string; answer: string }>();
}

/**
 * A store that commits a few turns of the event loop later, in order, all or nothing, and as strictly as the real one:
 * a second end of a turn or a permission that is not pending is refused.
 */
export class MemoryStore implements Store, Queries {
  readonly disk: Disk;
  readonly streamed: StreamedText[] = [];
  /** Asked before each commit; an answer makes it fail. */
  fault: ((events: NewEvent[]) => StoreErrorCode | undefined) | undefined;
  /** Turns of the event loop between a commit and its telling. */
  lag: () => number = () => 1;
  /** The process died: nothing is written any more, nobody is answered. */
  dead = false;
  commits = 0;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(disk = new Disk()) {
    this.disk = disk;
  }

  commit(events: NewEvent[]): Promise<DurableEvent[]> {
    return this.#inOrder(async () => {
      const code = this.fault?.(events);
      if (code !== undefined) throw new MemoryStoreError(code);
      this.#check(events);
      this.commits++;
      const written = events.map((event) => this.#write(event));
      for (let ticks = this.lag(); ticks > 0; ticks--) await tick();
      return written;
    });
  }

  stream(text: StreamedText): void {
    this.streamed.push(text);
  }

  saveKey(key: string, method: string, answer: string): Promise<void> {
    return this.#inOrder(async () => void this.disk.keys.set(key, { method, answer }));
  }

  async saveFile(): Promise<void> {}
  recordRead(): void {}
  async flush(): Promise<void> {
    await this.#tail;
  }
  async close(): Promise<void> {
    await this.#tail;
  }

  session = (id: string): Session | undefined => {
    const session = this.disk.sessions.get(id);
    return session && { ...session, head: this.#log(id).length };
  };
  findSessions = (prefix: string): Session[] => [...this.disk.sessions.values()].filter(({ hash }) => hash.startsWith(prefix));
  sessions = (filter: { workspace?: string; limit: number }): Session[] =>
    [...this.disk.sessions.values()]
      .filter(({ workspace, agent }) => agent === undefined && (filter.workspace === undefined || workspace === filter.workspace))
      .reverse()
      .slice(0, filter.limit);
  agentSessions = (parent: string): Session[] =>
    [...this.disk.sessions.values()].filter((session) => session.agent !== undefined && session.parent === parent);
  message = (id: string): Message | undefined => this.disk.messages.get(id);
  messages = (session: string, { limit }: { limit: number }): { messages: Message[]; more: boolean } => {
    const all = this.conversation(session);
    return { messages: all.slice(-limit), more: all.length > limit };
  };
  conversation = (session: string): Message[] => [...this.disk.messages.values()].filter((message) => message.session === session);
  prompted = (session: string, { after }: { after?: string; limit: number }): { messages: Message[]; next?: string } => {
    const all = this.conversation(session);
    const summary = all.findLast((message) => message.summary !== undefined);
    if (after === undefined && summary !== undefined) {
      const { kept, waiting, upTo } = summary.summary!;
      return { messages: [summary, ...[...kept, ...waiting].map((id) => all.find((message) => message.id === id)!)], next: upTo };
    }
    const from = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
    return { messages: all.slice(from).filter((message) => message.summary === undefined) };
  };
  uncounted = (session: string): { last?: string; bytes: number; files: number } => {
    const all = this.conversation(session);
    const at = all.findLastIndex(({ usage, abandoned }) => usage !== undefined && !abandoned);
    const parts = all.slice(at + 1).flatMap((message) => message.parts);
    const bytes = parts.reduce((sum, part) => sum + ("text" in part ? Buffer.byteLength(part.text ?? "") : 0), 0);
    return { bytes, files: 0, ...(at >= 0 && { last: all[at]!.id }) };
  };
  events = (session: string, after: number, limit: number): DurableEvent[] => this.#log(session).slice(after, after + limit);
  permissions = (filter: { session?: string; pendingOnly?: boolean }): Permission[] =>
    [...this.disk.permissions.values()].filter(
      ({ session, state }) => (filter.session === undefined || session === filter.session) && (!filter.pendingOnly || state === "pending"),
    );
  permission = (id: string): Permission | undefined => this.disk.permissions.get(id);
  turn = (id: string): Turn | undefined => this.disk.turns.get(id);
  turns = (session: string, limit: number): Turn[] =>
    [...this.disk.turns.values()]
      .filter((turn) => turn.session === session)
      .reverse()
      .slice(0, limit);
  unfinishedTurns = (): Turn[] => [...this.disk.turns.values()].filter(({ status }) => status === "queued" || status === "running");
  readTime = (): undefined => undefined;
  key = (key: string): { method: string; answer: string } | undefined => this.disk.keys.get(key);
  fileVersions = (): [] => [];
  integrity = (): string[] => [];

  #log(session: string): DurableEvent[] {
    const log = this.disk.events.get(session) ?? [];
    this.disk.events.set(session, log);
    return log;
  }

  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#tail.then(async () => {
      await tick();
      if (this.dead) return new Promise<T>(() => {});
      return work();
    });
    this.#tail = mine.catch(() => {});
    return mine;
  }

  #check(events: NewEvent[]): void {
    for (const { kind, data, session } of events) {
      const refuse =
        (kind === "turn.completed" && !["queued", "running"].includes(this.disk.turns.get(data.turn.id)?.status ?? "queued")) ||
        (kind === "permission.resolved" && this.disk.permissions.get(data.permission.id)?.state !== "pending") ||
        (kind === "message.finished" &&
          !this.disk.messages.has(data.message.id) &&
          !events.some((event) => event.kind === "message.created" && event.data.message.id === data.message.id)) ||
        (kind !== "session.created" && !this.disk.sessions.has(session));
      if (refuse) throw new MemoryStoreError("constraint");
    }
  }

  #write(event: NewEvent): DurableEvent {
    const log = this.#log(event.session);
    const written = structuredClone({ type: "event", seq: log.length + 1, time: log.length + 1, ...event }) as DurableEvent;
    log.push(written);
    const { kind, data } = written;
    if (kind === "session.created" || kind === "session.updated") this.disk.sessions.set(data.session.id, data.session);
    else if (kind === "session.deleted") this.disk.sessions.delete(data.session);
    else if (kind === "message.created") this.disk.messages.set(data.message.id, structuredClone(data.message));
    else if (kind === "part.finished") this.disk.messages.get(data.message)?.parts.push(data.part);
    else if (kind === "message.finished")
      this.disk.messages.set(data.message.id, { ...data.message, parts: this.disk.messages.get(data.message.id)?.parts ?? [] });
    else if (kind === "permission.asked" || kind === "permission.resolved") this.disk.permissions.set(data.permission.id, data.permission);
    else this.disk.turns.set(data.turn.id, data.turn);
    return written;
  }
}
