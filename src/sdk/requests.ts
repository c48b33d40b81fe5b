import { type ClientFrame, type MethodName, mutating, type Response } from "../protocol/index.ts";
import { ConnectionError, RequestError } from "./errors.ts";
import type { RequestOptions } from "./options.ts";

type Pending = {
  frame: { id: number; method: string; params: unknown; key?: string };
  resolve(result: unknown): void;
  reject(error: Error): void;
  /** False: tied to the connection it was sent on; a loss ends it. */
  survives: boolean;
  wasSent: boolean;
};

/** Requests that wait for their answer. After a loss they are sent again: reading ones harm nobody, the others have a key. */
export class Requests {
  readonly #pending = new Map<number, Pending>();
  readonly #send: (frame: ClientFrame) => boolean;
  // Unique is enough for a key, nobody gains by guessing one; the crypto module would cost milliseconds at start-up.
  readonly #keyPrefix = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}`;
  #ids = 0;

  /** @param send answers whether a connection took it */
  constructor(send: (frame: ClientFrame) => boolean) {
    this.#send = send;
  }

  start(method: string, params: unknown, options: RequestOptions, survives: boolean): Promise<unknown> {
    const { key, timeoutMs, signal } = options;
    return new Promise((resolve, reject) => {
      const id = ++this.#ids;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const cancel = () => settle(() => reject(new ConnectionError("canceled", `${method} was canceled before its answer came`)));
      const settle = (how: () => void) => {
        this.#pending.delete(id);
        clearTimeout(timer);
        signal?.removeEventListener("abort", cancel);
        how();
      };
      if (signal?.aborted) return cancel();
      signal?.addEventListener("abort", cancel);
      if (timeoutMs !== undefined)
        timer = setTimeout(
          () => settle(() => reject(new ConnectionError("timeout", `${method} was not answered within ${timeoutMs} ms`))),
          timeoutMs,
        );
      const ownKey = key ?? (mutating.has(method as MethodName) ? `${this.#keyPrefix}-${id}` : undefined);
      const pending: Pending = {
        frame: { id, method, params, ...(ownKey === undefined ? {} : { key: ownKey }) },
        resolve: (result) => settle(() => resolve(result)),
        reject: (error) => settle(() => reject(error)),
        survives,
        wasSent: false,
      };
      this.#pending.set(id, pending);
      pending.wasSent = this.#send(pending.frame);
    });
  }

  answer(response: Response): void {
    const pending = this.#pending.get(response.id as number);
    if (!pending) return;
    if ("error" in response) pending.reject(new RequestError(pending.frame.method, response.error));
    else pending.resolve(response.result);
  }

  /** A connection is open: everything that waits goes out, oldest first. */
  sendAll(): void {
    for (const pending of this.#pending.values()) if (!pending.wasSent) pending.wasSent = this.#send(pending.frame);
  }

  lost(error: Error): void {
    for (const pending of [...this.#pending.values()]) {
      if (pending.wasSent && !pending.survives) pending.reject(error);
      pending.wasSent = false;
    }
  }

  fail(error: Error): void {
    for (const pending of [...this.#pending.values()]) pending.reject(error);
  }
}
