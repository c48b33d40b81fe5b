import { protocolPath } from "../protocol/index.ts";

/** A long page of messages with tool results; more than this in one frame is a broken server. */
export const frameBytesMax = 256 << 20;

/** What the SDK needs of a WebSocket: browsers' own and the `ws` package both are one. */
export interface SocketLike {
  binaryType: string;
  readonly protocol: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: Uint8Array | string): void;
  close(code?: number, reason?: string): void;
}

/** Where a server is: a WebSocket URL, or (Node only) a Unix socket or Windows pipe. The discovery file has both and the token. */
export type Target = { url?: string; socket?: string; token?: string };

/** The address to open: a URL without a path means the protocol's own. */
export function withPath(url: string): string {
  const parsed = new URL(url);
  if (parsed.pathname === "/") parsed.pathname = protocolPath;
  return parsed.href;
}

export type OpenSocket = (target: Target, subprotocol: string) => SocketLike;

/** Opens with the WebSocket that browsers, Node 22, Deno and Bun have as a global. The token travels in hello. */
export const openGlobalSocket: OpenSocket = (target, subprotocol) => {
  if (!target.url) throw new TypeError("a url is needed here; for a Unix socket import connect from sdk/node.ts");
  const Global = (globalThis as { WebSocket?: new (url: string, protocol: string) => SocketLike }).WebSocket;
  if (!Global) throw new TypeError("this runtime has no WebSocket: give one as `open`, or import connect from sdk/node.ts");
  return new Global(withPath(target.url), subprotocol);
};
