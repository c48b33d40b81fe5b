// workers/demo.ts: the demo provider's thread. One task starts it and answers the port; the server lives as long as the thread.
import { randomBytes } from "node:crypto";
import { type DemoServer, openDemoServer } from "../src/providers/demo/index.ts";

let server: Promise<DemoServer> | undefined;
let token = "";

/** @returns where it listens on 127.0.0.1, and the API key that it wants; the same for each `start`. */
export default async (_task: { kind: "start" }): Promise<{ port: number; token: string }> => {
  if (!server) {
    token = randomBytes(32).toString("base64url");
    server = openDemoServer({ token });
  }
  return { port: (await server).port, token };
};
