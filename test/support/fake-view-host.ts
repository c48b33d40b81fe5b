import type { ViewHost } from "../../src/contracts/view.ts";
import type { Effect, MethodName, Params, Result, ScreenMode, TerminalTraits } from "../../src/protocol/index.ts";

type Reply = { [M in MethodName]?: (params: Params<M>) => Result<M> | Promise<Result<M>> };

/** A host with scripted replies, a clock that is moved by hand, and a list of everything that was asked of it. */
export class FakeViewHost implements ViewHost {
  readonly mode: ScreenMode;
  readonly term: TerminalTraits = { name: "test", colours: "true" };
  readonly workspace = "/home/me/project";
  readonly screen = 7;
  readonly requests: { method: MethodName; params: unknown }[] = [];
  readonly effects: Omit<Effect, "type" | "screen">[] = [];
  readonly replies: Reply;
  time = 1_000_000;
  invalidated = 0;
  private timers: { at: number; run: () => void }[] = [];

  constructor(replies: Reply = {}, mode: ScreenMode = "full") {
    this.replies = replies;
    this.mode = mode;
  }

  request = async <M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> => {
    this.requests.push({ method, params });
    const reply = this.replies[method] as ((params: Params<M>) => Result<M> | Promise<Result<M>>) | undefined;
    if (!reply) throw new Error(`no reply is scripted for ${method}`);
    return reply(params);
  };

  invalidate(): void {
    this.invalidated++;
  }

  effect(effect: Omit<Effect, "type" | "screen">): void {
    this.effects.push(effect);
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.time + ms, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((each) => each !== timer);
    };
  }

  now(): number {
    return this.time;
  }

  get timersRunning(): number {
    return this.timers.length;
  }

  /** Moves the clock and fires what is due. */
  async pass(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      const next = this.timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.time = Math.max(this.time, next.at);
      this.timers = this.timers.filter((each) => each !== next);
      next.run();
      await settled();
    }
    this.time = end;
  }

  of(method: MethodName): unknown[] {
    return this.requests.filter((request) => request.method === method).map((request) => request.params);
  }
}

/** Lets all answered requests be taken. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
