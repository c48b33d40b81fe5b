import type { ProtocolError } from "./errors.ts";
import type { DurableEvent, Heartbeat, LatestEvent, Live, Resync } from "./events.ts";
import type { MethodName } from "./methods.ts";
import type { Ack, Effect, Focus, Input, Patch, Repaint, Resize } from "./screen.ts";

/**
 * Client to server, first frame. Requests may follow at once, without waiting for the welcome. On TCP the token is a must; on
 * the Unix socket, which only its owner can open, it may be left out.
 */
export type Hello = {
  type: "hello";
  protocol: number;
  client: { name: string; version: string };
  token?: string;
  capabilities: string[];
  /** The epoch of the server that the client knew. */
  resume?: { epoch: string };
};

/** Server to client, answer to hello. An `epoch` other than the one remembered means: this is a new server, subscribe again. */
export type Welcome = {
  type: "welcome";
  protocol: number;
  server: { name: string; version: string; pid: number };
  epoch: string;
  capabilities: string[];
  limits: Record<string, number>;
  warnings: string[];
};

/** Client to server. `key` makes a mutating request idempotent: same key, same answer, no second run. */
export type Request = { id: string | number; method: MethodName | string; params: unknown; key?: string };
/** Server to client: exactly one for each request. */
export type Response = { id: string | number; result: unknown } | { id: string | number; error: ProtocolError };

export type ClientFrame = Hello | Request | Input | Resize | Ack | Repaint | Focus;
export type ServerFrame = Welcome | Response | DurableEvent | LatestEvent | Live | Resync | Heartbeat | Patch | Effect;
