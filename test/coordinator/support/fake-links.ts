import type { CompletionOutcome, ToMain, ToWorker } from "../../../src/contracts/link.ts";
import type { LinkEvents, LinkFactory } from "../../../src/coordinator/link/link.ts";
import { Outbox } from "../../../src/coordinator/link/outbox.ts";
import type { Part } from "../../../src/protocol/index.ts";

export type Start = Extract<ToWorker, { t: "completion.start" }>;
export type Answer = {
  text?: string;
  calls?: { call: string; name: string; input: string; incomplete?: boolean }[];
  outcome?: Partial<CompletionOutcome>;
};

/** Session workers without threads. What they are sent is kept; what they answer is up to the test. */
export class FakeWorkers {
  readonly received: { shard: number; message: ToWorker }[] = [];
  readonly lives: { shard: number; events: LinkEvents; alive: boolean }[] = [];
  /** Answers completions by itself; undefined leaves one open. */
  answer: ((start: Start) => Answer | undefined) | undefined;
  /** Called with each message on arrival. */
  onMessage: ((message: ToWorker, reply: (batch: ToMain[]) => void) => void) | undefined;
  ignoreCancel = false;
  readonly #open = new Map<string, Start>();

  readonly factory: LinkFactory = (shard, events) => {
    const life = { shard, events, alive: true };
    this.lives.push(life);
    const outbox = new Outbox<ToWorker>((batch) => {
      setImmediate(() => {
        for (const message of batch) if (life.alive) this.#receive(shard, message, life);
      });
    });
    return {
      send: (message) => outbox.send(structuredClone(message)),
      sendNow: (message) => outbox.sendNow(structuredClone(message)),
      close: async () => {
        life.alive = false;
      },
    };
  };

  all<T extends ToWorker["t"]>(t: T): Extract<ToWorker, { t: T }>[] {
    return this.received.map(({ message }) => message).filter((message): message is Extract<ToWorker, { t: T }> => message.t === t);
  }

  /** Says something to main, as the newest worker of the shard. */
  say(shard: number, ...batch: ToMain[]): void {
    this.lives.findLast((life) => life.shard === shard && life.alive)?.events.messages(structuredClone(batch));
  }

  die(shard: number): void {
    const life = this.lives.findLast((one) => one.shard === shard && one.alive);
    if (life === undefined) return;
    life.alive = false;
    life.events.died(new Error("out of memory"));
  }

  end(start: Start, { text, calls = [], outcome }: Answer, shard = 0): void {
    this.#open.delete(start.completion);
    const parts: Part[] = [
      ...(text === undefined ? [] : [{ id: `${start.message}-t`, index: 0, kind: "text" as const, text }]),
      ...calls.map((call, at) => ({ id: `${start.message}-${at}`, index: at + 1, kind: "tool_call" as const, ...call })),
    ];
    const whole = {
      status: "ok",
      finish: calls.length > 0 ? "tool_use" : "end_turn",
      usage: { input: 100, output: 10, cacheRead: 0, cacheWrite: 0, reasoning: 0 },
      ...outcome,
    } as CompletionOutcome;
    this.say(shard, {
      t: "completion.end",
      completion: start.completion,
      session: start.session,
      message: { id: start.message, session: start.session, turn: start.turn, role: "assistant", createdAt: 0, parts },
      outcome: whole,
      timing: { connectMs: 0, firstByteMs: 0, totalMs: 0, bytes: 0 },
    });
  }

  #receive(shard: number, message: ToWorker, life: { events: LinkEvents; alive: boolean }): void {
    this.received.push({ shard, message });
    if (message.t === "inventory") {
      this.received.pop();
      if (life.alive) life.events.messages([{ t: "inventory", id: message.id, counts: { completions: this.#open.size } }]);
      return;
    }
    this.onMessage?.(message, (batch) => life.alive && life.events.messages(batch));
    if (message.t === "completion.start") {
      this.#open.set(message.completion, message);
      const answer = this.answer?.(message);
      if (answer !== undefined) this.end(message, answer, shard);
    } else if (message.t === "completion.cancel") {
      const start = this.#open.get(message.completion);
      if (start !== undefined && !this.ignoreCancel) this.end(start, { text: "so far", outcome: { status: "canceled" } }, shard);
    }
  }
}
