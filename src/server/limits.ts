import { helloTimeoutMs, requestsInFlightMax, slowClientBytes, slowClientCloseBytes } from "../protocol/index.ts";
import type { ServerLimits } from "./options.ts";

/** TCP connections that have not said hello: each may hold `helloBytesMax`, so 32 MiB for all. On the Unix socket only its owner knocks, all clients may come back at once: `clientsMax`. */
const halfOpenMax = 256;
/** Open files are 1024 by default on Linux and the server needs some for itself. */
const clientsMax = 900;
/** TCP clients are pinged this often; one that answered neither ping nor anything else in between is gone. */
const pingMs = 30_000;
/** A client that does not finish the closing handshake in this time loses its socket. */
export const closeTimeoutMs = 2_000;

export const defaultLimits: ServerLimits = {
  helloTimeoutMs,
  halfOpenMax,
  clientsMax,
  slowClientBytes,
  slowClientCloseBytes,
  requestsInFlightMax,
  pingMs,
};
