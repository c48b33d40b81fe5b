import type { OpenSocket, Target } from "./transport.ts";
import type { ConnectionError } from "./errors.ts";

/** `connecting`: until the first welcome. `open`. `reconnecting`: after a loss. `closed`: for good. */
export type ClientState = "connecting" | "open" | "reconnecting" | "closed";

export type Loss = {
  error: ConnectionError;
  /** Attempts since the last welcome, from 1. */
  attempt: number;
  /** False when there has never been a welcome: the server may not run at all. */
  wasOpen: boolean;
};

export type Backoff = {
  /** Wait before the first try; doubles with each, and a random half is taken off so that clients do not come at once. */
  firstMs: number;
  maxMs: number;
  /** Tries after a loss before it is given up. */
  attemptsMax: number;
};

export type ConnectOptions = Target & {
  client: { name: string; version: string };
  /** Frames as text, to look at them. */
  json?: boolean;
  capabilities?: string[];
  open?: OpenSocket;
  /** false: the first loss is the end. By default a client that was open once reconnects, and a first failure is final unless there is an `onReconnect`. */
  reconnect?: Partial<Backoff> | false;
  /**
   * Called before each new try, the first failure included: start the server here. A target in the answer is tried at once;
   * `false` gives up; undefined means: wait and try the same again.
   */
  onReconnect?(loss: Loss): Target | false | undefined | Promise<Target | false | undefined>;
  onState?(state: ClientState): void;
  /** The server is another incarnation than the one before: what is cached of it is old. Subscriptions go on by themselves. */
  onEpoch?(epoch: string): void;
};

export const defaultBackoff: Backoff = { firstMs: 50, maxMs: 5_000, attemptsMax: Number.POSITIVE_INFINITY };

export type RequestOptions = {
  /** Idempotency key. Mutating requests get one by themselves, so that one sent again after a loss does not run twice. */
  key?: string;
  /** From the call to the answer, reconnecting included. None by default. */
  timeoutMs?: number;
  /** Stops waiting; what the server does with the request is not known then. */
  signal?: AbortSignal;
};
