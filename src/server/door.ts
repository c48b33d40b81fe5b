import type { Duplex } from "node:stream";

/**
 * Connections of one listener that have not said hello (or, for a plain request, not been answered). Each has one deadline
 * from accept to hello, so that a client that sends a byte a second gains nothing; there are never more than `max`.
 */
export class Door {
  readonly #waiting = new Map<Duplex, NodeJS.Timeout>();
  readonly #max: number;
  readonly #ms: number;

  constructor(max: number, ms: number) {
    this.#max = max;
    this.#ms = ms;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** @returns false when too many wait: the socket is destroyed */
  enter(socket: Duplex, onLate: (socket: Duplex) => void): boolean {
    if (this.#waiting.size >= this.#max) {
      socket.destroy();
      return false;
    }
    const late = setTimeout(() => {
      this.#waiting.delete(socket);
      onLate(socket);
    }, this.#ms);
    this.#waiting.set(socket, late);
    socket.once("close", () => this.leave(socket));
    return true;
  }

  leave(socket: Duplex): void {
    clearTimeout(this.#waiting.get(socket));
    this.#waiting.delete(socket);
  }
}
