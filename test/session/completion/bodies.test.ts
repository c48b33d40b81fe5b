// Bodies on their way: pieces of an arena over real sockets, with all that can happen to a request while it is written.
import { createHash } from "node:crypto";
import type http from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { openArena } from "../../../src/session/completion/arena.ts";
import { type ExchangeRequest, openConnections } from "../../../src/session/completion/connection.ts";
import { openConversation } from "../../../src/session/completion/conversation.ts";
import { serveHttp } from "../../support/http-server.ts";
import { requestTo, systemClock, userMessage, wires } from "./support.ts";

const wire = wires({ type: "openai-compat" })!;
const request = requestTo("http://127.0.0.1:1");
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

type Seen = { url: string; length: string | undefined; encoding: string | undefined; digest: string };
const digestOf = (...pieces: Uint8Array[]): string => {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
};

/** A server that tells what it was sent. `meet` may take the request away from it. */
async function serve(meet: (incoming: http.IncomingMessage, answer: http.ServerResponse) => boolean | Promise<boolean> = () => true) {
  const seen: Seen[] = [];
  const server = await serveHttp(async (incoming, answer) => {
    if (!(await meet(incoming, answer))) return;
    const hash = createHash("sha256");
    for await (const chunk of incoming) hash.update(chunk as Buffer);
    const { "content-length": length, "transfer-encoding": encoding } = incoming.headers;
    seen.push({ url: incoming.url!, length, encoding, digest: hash.digest("hex") });
    answer.end("ok");
  });
  closers.push(() => server.close());
  return { url: `${server.url}/v1`, seen };
}

/** Sends, and waits for the end: the status, or the code of the error. */
function sender(environment: NodeJS.ProcessEnv = {}) {
  const connections = openConnections(systemClock, environment);
  closers.push(() => connections.close());
  return (url: string, body: readonly Uint8Array[], more: Partial<ExchangeRequest> = {}): Promise<number | string> =>
    new Promise((resolve) => {
      let status = 0;
      const asked = { url, headers: {}, body, headersTimeoutMs: 5_000, idleTimeoutMs: 5_000, ...more };
      connections.post(asked, {
        connected() {},
        head: (code) => {
          status = code;
        },
        bytes() {},
        end: () => resolve(status),
        error: (error) => resolve(error.code),
      });
    });
}

/** A conversation of some megabytes, in chunks of an arena. */
function talk(megabytes: number) {
  const conversation = openConversation("s");
  for (let i = 0; i < megabytes; i++) conversation.load(userMessage("s", `t${i}`, `${i} → "quoted"\n`.repeat(70_000), `u${i}`));
  const arena = openArena(wire, conversation);
  return { conversation, arena, last: `t${megabytes - 1}` };
}

describe("a body in pieces", () => {
  test("arrives byte for byte with its length told, though the conversation goes on while a slow server reads it", async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: met, resolve: meet } = Promise.withResolvers<void>();
    const { url, seen } = await serve(async () => {
      meet();
      await released;
      return true;
    });
    const { conversation, arena, last } = talk(12);
    const body = arena.body(last, request);
    expect(body.pieces.length).toBeGreaterThan(5);
    const digest = digestOf(...body.pieces);
    const sent = sender()(url, body.pieces);
    await met;
    // The socket's buffers are full, most of the body still lies in the arena: it grows, an old message changes, it is tidied.
    for (let i = 0; i < 60; i++) {
      if (i < 5) conversation.load(userMessage("s", "t12", `more ${i}`.repeat(50_000), `n${i}`));
      const part = { id: "u3:0", index: 0, kind: "text", text: `other ${i}`.repeat(50_000) } as const;
      conversation.apply({ type: "event", session: "s", seq: i, time: 1, kind: "part.finished", data: { message: "u3", part } });
      arena.body("t12", request);
    }
    // Sixty versions of the old message would be more than what counts.
    expect(arena.size).toBeLessThan(2.5 * body.bytes);
    release();
    expect(await sent).toBe(200);
    expect(seen).toEqual([{ url: "/v1", length: String(body.bytes), encoding: undefined, digest }]);
  });

  test("is not copied to be sent", async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: met, resolve: meet } = Promise.withResolvers<void>();
    const { url } = await serve(async () => {
      meet();
      await released;
      return true;
    });
    const { arena, last } = talk(24);
    const { pieces, bytes } = arena.body(last, request);
    const before = process.memoryUsage().arrayBuffers;
    const sent = sender()(url, pieces);
    await met;
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(bytes / 8);
    release();
    expect(await sent).toBe(200);
  });

  test("is sent again whole when a kept connection turns out to be closed", async () => {
    const used = new WeakSet<object>();
    const { url, seen } = await serve((incoming) => {
      if (!used.has(incoming.socket)) {
        used.add(incoming.socket);
        return true;
      }
      incoming.socket.destroy();
      return false;
    });
    const { arena, last } = talk(2);
    const { pieces } = arena.body(last, request);
    const send = sender();
    expect(await send(url, pieces)).toBe(200);
    expect(await send(url, pieces)).toBe(200);
    const digest = digestOf(...pieces);
    expect(seen.map((each) => each.digest)).toEqual([digest, digest]);
  });

  test("does not follow a redirect: nobody else is given key and conversation", async () => {
    const other = await serve();
    const { url, seen } = await serve((incoming, answer) => {
      incoming.resume().on("end", () => answer.writeHead(307, { location: other.url }).end());
      return false;
    });
    const { arena, last } = talk(1);
    expect(await sender()(url, arena.body(last, request).pieces)).toBe(307);
    expect([seen, other.seen]).toEqual([[], []]);
  });

  test("goes through a proxy for hosts that are not this machine", async () => {
    const proxy = await serve();
    const { arena, last } = talk(3);
    const { pieces, bytes } = arena.body(last, request);
    const status = await sender({ HTTP_PROXY: proxy.url, http_proxy: proxy.url })("http://provider.test/v1/chat", pieces);
    expect(status).toBe(200);
    expect(proxy.seen).toEqual([
      { url: "http://provider.test/v1/chat", length: String(bytes), encoding: undefined, digest: digestOf(...pieces) },
    ]);
  });

  test("of a request that is stopped half-way harms nothing that is sent after it", async () => {
    let first = true;
    const { url, seen } = await serve((incoming) => {
      if (!first) return true;
      first = false;
      setTimeout(() => incoming.socket.destroy(), 20);
      return false;
    });
    const { conversation, arena, last } = talk(8);
    const send = sender();
    expect(await send(url, arena.body(last, request).pieces)).toBe("cut");
    conversation.load(userMessage("s", "t8", "again", "u8"));
    const { pieces, fresh } = arena.body("t8", request);
    expect(fresh).toBe(1);
    expect(await send(url, pieces)).toBe(200);
    expect(seen.map((each) => each.digest)).toEqual([digestOf(...pieces)]);
  });
});
