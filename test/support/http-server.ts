import http from "node:http";
import type { AddressInfo } from "node:net";

export type HttpServer = { readonly port: number; readonly url: string; close(): Promise<void> };

/** A server on a free port of loopback. Closing it ends also what it has not answered yet; a second time does nothing. */
export async function serveHttp(answer: http.RequestListener): Promise<HttpServer> {
  const server = http.createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
