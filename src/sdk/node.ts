// The SDK for Node 20 and newer: Unix sockets and Windows pipes without a further module, URLs through the ws package, which is loaded
// when first needed. The token travels in a header.
import { type Client, type ConnectOptions, connect as connectAnywhere, type OpenSocket } from "./index.ts";
import { LazySocket } from "./lazy-socket.ts";
import { LocalSocket } from "./local-socket.ts";
import { withPath } from "./transport.ts";

export * from "./index.ts";

/** Loaded when it is first needed: hashing brings node:crypto, which takes 5 ms, and nearly every start goes without. */
export const attachFile: typeof import("./attach-file.ts").attachFile = async (...args) =>
  (await import("./attach-file.ts")).attachFile(...args);

export const openNodeSocket: OpenSocket = ({ url, socket, token }, subprotocol) => {
  if (socket !== undefined) return new LocalSocket(socket, subprotocol, token);
  if (url === undefined) throw new TypeError("connect needs a `socket` path or a `url`");
  return new LazySocket(withPath(url), subprotocol, token);
};

/** As in index.ts, with `socket` in the target allowed. */
export function connect(options: ConnectOptions): Client {
  return connectAnywhere({ open: openNodeSocket, ...options });
}
