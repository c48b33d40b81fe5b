import type { App } from "../app.ts";

/** Keys right after a question appeared are of somebody who still types a prompt: they must not answer. */
export class TypingGuard {
  /** A key was not taken: one is told, or would think that it was. */
  ignored = false;
  private readonly app: App;
  private readonly pauseMs: number;
  private armedAt: number;

  constructor(app: App, pauseMs: number) {
    this.app = app;
    this.pauseMs = pauseMs;
    this.armedAt = app.host.now() + pauseMs;
  }

  /** Whether a key that comes now may answer. */
  takes(): boolean {
    const now = this.app.host.now();
    this.ignored = now < this.armedAt;
    if (this.ignored) this.armedAt = now + this.pauseMs;
    return !this.ignored;
  }
}

export const ignoredHint = "typed keys do not answer: wait a moment, then press again";
