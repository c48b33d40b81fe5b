// The demo provider: a loopback HTTP server that speaks Chat Completions, so that the demo runs through the same code as a model.
import { timingSafeEqual } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { nextMove } from "./agent.ts";
import { type ChatRequest, readSituation } from "./chat.ts";
import { demoModel } from "./config.ts";
import { loadWords, readOrder } from "./markers.ts";
import { type Script, streamMove, usageOf } from "./stream.ts";

/** Words a second of an answer: brisk, and still seen to stream. */
const defaultRate = 150;
/** A conversation with a full context window of 128 k tokens is about 0.5 MB. */
const bodyBytesMax = 32 << 20;

export type DemoServer = { port: number; close(): Promise<void> };

export type DemoOptions = {
  /** What `Authorization: Bearer` must bring. */
  token: string;
  /** Words a second where no marker says otherwise; 0: as fast as it goes. */
  rate?: number;
};

/** Listens on 127.0.0.1 only, on a free port; answers nobody without the token. */
export async function openDemoServer({ token, rate = defaultRate }: DemoOptions): Promise<DemoServer> {
  const bearer = Buffer.from(`Bearer ${token}`);
  let requests = 0;
  const server = http.createServer((request, response) => {
    const refuse = (status: number, message: string, headers: http.OutgoingHttpHeaders = {}): void => {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(
        JSON.stringify({
          error: { message, type: status === 429 ? "rate_limit_error" : status >= 500 ? "server_error" : "invalid_request_error" },
        }),
      );
    };
    // A page in a browser can reach loopback under a name of its own; it cannot send another Host.
    const { port } = server.address() as AddressInfo;
    if (request.headers.host !== `127.0.0.1:${port}` && request.headers.host !== `localhost:${port}`)
      return refuse(403, "The demo answers this machine only");
    const given = Buffer.from(request.headers.authorization ?? "");
    if (given.length !== bearer.length || !timingSafeEqual(given, bearer)) return refuse(401, "Wrong token");
    if (request.method === "GET" && request.url === "/v1/models") {
      response.writeHead(200, { "content-type": "application/json" });
      return void response.end(
        JSON.stringify({ object: "list", data: [{ id: demoModel, object: "model", created: 1, owned_by: "crush" }] }),
      );
    }
    if (request.method !== "POST" || request.url !== "/v1/chat/completions")
      return refuse(404, `The demo has /v1/models and /v1/chat/completions, not ${request.method} ${request.url}`);
    const pieces: Buffer[] = [];
    let bytes = 0;
    request.on("data", (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > bodyBytesMax) {
        refuse(413, `The request is larger than ${bodyBytesMax} bytes`);
        request.destroy();
      } else pieces.push(piece);
    });
    request.on("end", () => {
      let body: ChatRequest;
      let answer: ReturnType<typeof scriptFor>;
      try {
        body = JSON.parse(Buffer.concat(pieces).toString()) as ChatRequest;
        answer = scriptFor(body, bytes, rate, ++requests);
      } catch (error) {
        return refuse(400, `This is no chat request: ${(error as Error).message}`);
      }
      const id = `demo-${requests}`;
      const { script, refusal } = answer;
      if (refusal) return refuse(refusal.status, refusal.message, refusal.headers);
      const model = body.model ?? demoModel;
      if (body.stream === true) return void streamMove(response, id, model, script).catch(() => response.destroy());
      const calls = script.calls.map((call) => ({
        id: call.id,
        type: "function",
        function: { name: call.tool, arguments: call.arguments },
      }));
      response.writeHead(200, { "content-type": "application/json" });
      response.end(
        JSON.stringify({
          id,
          object: "chat.completion",
          created: 1,
          model,
          usage: usageOf(script),
          choices: [
            {
              index: 0,
              finish_reason: calls.length > 0 ? "tool_calls" : "stop",
              message: { role: "assistant", content: script.words.join(""), ...(calls.length > 0 ? { tool_calls: calls } : {}) },
            },
          ],
        }),
      );
    });
  });
  // Longer than our own client keeps a connection, so that it is the one that closes.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  /** Faults that pass: the next request with the same order is answered. */
  const failed = new Set<string>();

  function scriptFor(
    body: ChatRequest,
    promptBytes: number,
    pace: number,
    number: number,
  ): { script: Script; refusal?: { status: number; message: string; headers?: http.OutgoingHttpHeaders } } {
    const situation = readSituation(body);
    const order = readOrder(situation);
    const plain: Script = { words: [], calls: [], rate: pace, fault: undefined, after: 0, seconds: 0, promptBytes };
    if (!order) {
      const move = nextMove(situation);
      return {
        script: {
          ...plain,
          words: move.say.split(/(?<=\s)(?=\S)/),
          calls: move.calls.map((call, i) => ({ id: `call_${number}_${i}`, tool: call.tool, arguments: JSON.stringify(call.input) })),
        },
      };
    }
    const script: Script = {
      ...plain,
      rate: order.rate,
      fault: order.fault,
      after: order.after,
      seconds: order.seconds,
      words: order.call ? [] : loadWords(order.words),
      calls: order.call ? [{ id: `call_${number}_0`, tool: order.call.tool, arguments: order.call.arguments }] : [],
    };
    if (order.fault === "500") return { script, refusal: { status: 500, message: "A failure that was ordered" } };
    if (order.fault === "429" && !failed.has(situation.request)) {
      failed.add(situation.request);
      return { script, refusal: { status: 429, message: "A rate limit that was ordered", headers: { "retry-after": "1" } } };
    }
    return { script };
  }

  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
