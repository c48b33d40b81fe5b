// The SDK for Node 20 and newer: Unix sockets and Windows pipes, and a token that travels in a header.
import net from "node:net";
import { WebSocket } from "ws";
import { protocolPath } from "../protocol/index.ts";
import { type Client, connect as connectAnywhere, type ConnectOptions, type OpenSocket, type SocketLike } from "./index.ts";
import { withPath } from "./transport.ts";

export * from "./index.ts";

/** A long page of messages with tool results; more than this in one frame is a broken server. */
const frameBytesMax = 256 << 20;

export const openNodeSocket: OpenSocket = ({ url, socket, token }, subprotocol) => {
  if (url === undefined && socket === undefined) throw new TypeError("connect needs a `socket` path or a `url`");
  const options = {
    perMessageDeflate: false,
    maxPayload: frameBytesMax,
    headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
    ...(socket === undefined ? {} : { createConnection: () => net.connect(socket) }),
  };
  return new WebSocket(
    socket === undefined ? withPath(url!) : `ws://localhost${protocolPath}`,
    subprotocol,
    options as never,
  ) as SocketLike;
};

/** As in index.ts, with `socket` in the target allowed. */
export function connect(options: ConnectOptions): Client {
  return connectAnywhere({ open: openNodeSocket, ...options });
}
