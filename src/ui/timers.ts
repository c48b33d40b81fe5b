import type { ViewHost } from "../contracts/view.ts";

export type TimerName = "escape" | "animate" | "complete" | "notice" | "hint" | "leave" | "jobs";

/** Named one-shot timers over the host's one timer. None runs when none is set: an idle view costs no wake-up. */
export class Timers {
  private readonly host: Pick<ViewHost, "after" | "now">;
  private readonly due = new Map<TimerName, { at: number; run: () => void }>();
  private cancel: (() => void) | undefined;
  private armedFor = 0;

  constructor(host: Pick<ViewHost, "after" | "now">) {
    this.host = host;
  }

  get active(): number {
    return this.due.size;
  }

  has(name: TimerName): boolean {
    return this.due.has(name);
  }

  set(name: TimerName, ms: number, run: () => void): void {
    this.due.set(name, { at: this.host.now() + ms, run });
    this.arm();
  }

  clear(name: TimerName): void {
    if (this.due.delete(name)) this.arm();
  }

  close(): void {
    this.due.clear();
    this.arm();
  }

  private arm(): void {
    let next = Number.POSITIVE_INFINITY;
    for (const { at } of this.due.values()) next = Math.min(next, at);
    if (this.cancel && next === this.armedFor) return;
    this.cancel?.();
    this.cancel = undefined;
    if (next === Number.POSITIVE_INFINITY) return;
    this.armedFor = next;
    this.cancel = this.host.after(Math.max(0, next - this.host.now()), () => this.fire());
  }

  private fire(): void {
    this.cancel = undefined;
    const now = this.host.now();
    for (const [name, { at, run }] of [...this.due]) {
      // A timer may fire up to a millisecond early.
      if (at > now + 1) continue;
      this.due.delete(name);
      run();
    }
    this.arm();
  }
}
