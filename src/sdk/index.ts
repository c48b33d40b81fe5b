// The protocol from the client's side. Runs in browsers, Node 20 and everything else with a WebSocket. In Node use node.ts,
// which also opens Unix sockets.
import { Client } from "./client.ts";
import type { ConnectOptions } from "./options.ts";

export { Client } from "./client.ts";
export { ConnectionError, type ConnectionErrorCode, RequestError } from "./errors.ts";
export type { Backoff, ClientState, ConnectOptions, Loss, RequestOptions } from "./options.ts";
export { Screen, type ScreenHandlers } from "./screen.ts";
export { type Snapshot, Subscription, type SubscriptionHandlers } from "./subscription.ts";
export type { OpenSocket, SocketLike, Target } from "./transport.ts";

/** Starts connecting and returns at once; `client.ready` is the welcome. Errors come with it and with each request. */
export function connect(options: ConnectOptions): Client {
  return new Client(options);
}
