import type { App } from "../app.ts";

/** Keys typed this soon before a question appears were meant for the editor; so are those right behind them. */
const pauseMs = 500;

/** Keys right after a question appeared are of somebody who still types a prompt: they must not answer. */
export class TypingGuard {
  /** A key was not taken: one is told, or would think that it was. */
  ignored = false;
  private readonly app: App;
  private armedAt: number;

  /** For a question that appears now. */
  constructor(app: App) {
    this.app = app;
    const now = app.host.now();
    this.armedAt = now - app.lastTyped < pauseMs ? now + pauseMs : now;
  }

  /** Whether a key that comes now may answer. */
  takes(): boolean {
    const now = this.app.host.now();
    this.ignored = now < this.armedAt;
    if (this.ignored) this.armedAt = now + pauseMs;
    return !this.ignored;
  }
}

export const ignoredHint = "typed keys do not answer: wait a moment, then press again";
