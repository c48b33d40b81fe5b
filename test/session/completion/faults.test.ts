import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ToMain } from "../../../src/contracts/link.ts";
import { openSimulator, type Script, type Simulator, wordsOf } from "../../support/simulator.ts";
import { type End, fastClock, type Rig, rig, start, systemClock } from "./support.ts";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await openSimulator();
});
afterAll(() => simulator.close());

type Run = { end: End; rig: Rig; ask: ReturnType<typeof start>; asked: number };
async function run(scripts: Script[], more: Parameters<typeof start>[1] = {}): Promise<Run> {
  simulator.play(...scripts);
  const before = simulator.seen.length;
  const made = rig({ clock: fastClock(50) });
  const ask = start(simulator.url, more);
  made.send(ask);
  const end = await made.ended(ask.completion);
  return { end, rig: made, ask, asked: simulator.seen.length - before };
}
const good: Script = { text: "all is well" };

describe("answers that say no", () => {
  for (const status of [408, 409, 429, 500, 502, 503, 529]) {
    test(`${status} is asked again, into the same message`, async () => {
      const { end, ask, asked, rig } = await run([{ status, headers: { "retry-after": "0" } }, good], { ask: { retriesMax: 3 } });
      expect(asked).toBe(2);
      expect(end).toMatchObject({ outcome: { status: "ok" }, message: { id: ask.message, parts: [{ text: "all is well" }] } });
      expect(rig.of("completion.retry")).toHaveLength(0);
    });
  }
  test("it gives up after retriesMax, with the provider's words", async () => {
    const { end, asked } = await run([{ status: 500, body: '{"error":{"message":"on fire"}}', headers: { "retry-after": "0" } }], {
      ask: { retriesMax: 2 },
    });
    expect(asked).toBe(3);
    expect(end).toMatchObject({
      outcome: { status: "failed", fault: { kind: "server", status: 500 } },
      message: { finish: "error", abandoned: true, parts: [] },
    });
    expect(end.message.error).toContain("on fire");
  });
  test("what trying again does not help is not tried again", async () => {
    const { end, asked } = await run([{ status: 401, body: "no" }, good]);
    expect(asked).toBe(1);
    expect(end.outcome.status).toBe("failed");
  });
  test("while it waits it says why and until when", async () => {
    simulator.play({ status: 429, headers: { "retry-after": "30" } }, good);
    const { send, until, ended } = rig({ clock: fastClock(1) });
    const ask = start(simulator.url);
    const sentAt = Date.now();
    send(ask);
    const said = await until(
      (message): message is Extract<ToMain, { t: "completion.activity" }> =>
        message.t === "completion.activity" && message.state === "retrying",
    );
    expect(said).toMatchObject({ session: ask.session, attempt: 2, note: expect.stringContaining("429") });
    expect(said.retryAt! - sentAt).toBeGreaterThanOrEqual(30_000);
    send({ t: "completion.cancel", completion: ask.completion });
    expect((await ended(ask.completion)).outcome).toEqual({ status: "canceled" });
  });
});

describe("streams that break", () => {
  test("before the head: again, into the same message, nothing abandoned", async () => {
    const { end, ask, asked, rig } = await run([{ cut: "before" }, good]);
    expect(asked).toBe(2);
    expect(end).toMatchObject({ outcome: { status: "ok" }, message: { id: ask.message } });
    expect(rig.of("completion.retry")).toHaveLength(0);
  });
  test("in the middle of text: the message is abandoned with what came, the next attempt writes the next one", async () => {
    const { end, ask, rig } = await run([{ words: 30, cut: 12 }, good]);
    const [retry, ...more] = rig.of("completion.retry");
    expect(more).toEqual([]);
    expect(retry).toMatchObject({
      next: ask.attemptMessages[0],
      attempt: 2,
      message: { id: ask.message, abandoned: true, finish: "error", parts: [{ kind: "text", incomplete: true }] },
    });
    expect(wordsOf(30).startsWith((retry!.message.parts[0] as { text: string }).text)).toBe(true);
    expect(rig.text(ask.message)).toBe((retry!.message.parts[0] as { text: string }).text);
    expect(end).toMatchObject({ outcome: { status: "ok" }, message: { id: ask.attemptMessages[0], parts: [{ text: "all is well" }] } });
    // Deltas of the broken message are told before its end.
    const order = rig
      .all()
      .flatMap((message) =>
        message.t === "deltas" ? message.deltas.map((delta) => delta.message) : message.t === "completion.retry" ? ["retry"] : [],
      );
    expect(order.lastIndexOf(ask.message)).toBeLessThan(order.indexOf("retry"));
  });
  test("in the middle of tool arguments: the call is incomplete, in the retry and at the end", async () => {
    const { end, rig } = await run([{ tools: [{ name: "bash", arguments: '{"command":"rm -rf build"}' }], cut: 3 }], {
      ask: { retriesMax: 1 },
    });
    for (const message of [rig.of("completion.retry")[0]!.message, end.message])
      expect(message.parts).toMatchObject([{ kind: "tool_call", name: "bash", incomplete: true }]);
    expect(end.outcome).toMatchObject({ status: "failed", fault: { kind: "network" } });
  });
  test("a call that was whole before the cut is not run either", async () => {
    const { end } = await run(
      [
        {
          tools: [
            { name: "bash", arguments: "{}" },
            { name: "bash", arguments: '{"command":"x"}' },
          ],
          cut: 3,
        },
      ],
      { ask: { retriesMax: 0 } },
    );
    expect(end.message.parts).toMatchObject([{ incomplete: true }, { incomplete: true }]);
  });
  test("silence on an open stream ends at the idle timeout", async () => {
    const { end, ask, rig } = await run([{ words: 30, stall: 4 }, good], { ask: { idleTimeoutMs: 8_000 } });
    expect(rig.of("completion.retry")).toMatchObject([{ fault: { kind: "timeout" }, message: { id: ask.message, abandoned: true } }]);
    expect(end.outcome.status).toBe("ok");
  });
  test("a provider that never answers ends at the headers timeout", async () => {
    const deaf = http.createServer(() => {});
    await new Promise<void>((resolve) => deaf.listen(0, "127.0.0.1", resolve));
    const { send, ended } = rig({ clock: fastClock(50) });
    const ask = start(`http://127.0.0.1:${(deaf.address() as AddressInfo).port}`, { ask: { headersTimeoutMs: 2_000, retriesMax: 0 } });
    send(ask);
    expect((await ended(ask.completion)).outcome).toMatchObject({ status: "failed", fault: { kind: "timeout" } });
    deaf.closeAllConnections();
    deaf.close();
  });
  test("a body that ends without finish reason and end mark is no normal end", async () => {
    const { end } = await run([{ text: "half a tho", finish: "", noDone: true, usage: null }], { ask: { retriesMax: 0 } });
    expect(end).toMatchObject({
      outcome: { status: "failed" },
      message: { finish: "error", parts: [{ text: "half a tho", incomplete: true }] },
    });
  });
  test("bad JSON in the stream: what came is kept, the attempt is repeated", async () => {
    const { end, rig } = await run([{ words: 20, raw: { after: 5, bytes: 'data: {"choices": [{"delta": {"conte\n\n' } }, good]);
    expect(rig.of("completion.retry")).toMatchObject([{ message: { parts: [{ kind: "text" }] }, fault: { kind: "protocol" } }]);
    expect(end.outcome.status).toBe("ok");
  });
  test("nobody listens there: a network fault that names the host, after the retries", async () => {
    const free = net.createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => free.once("listening", resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    const { send, ended, of } = rig({ clock: fastClock(50) });
    const ask = start(`http://127.0.0.1:${port}`, { ask: { retriesMax: 2 } });
    send(ask);
    const end = await ended(ask.completion);
    expect(end.outcome).toMatchObject({
      status: "failed",
      fault: { kind: "network", message: expect.stringContaining(`127.0.0.1:${port}`) },
    });
    expect(of("completion.end")).toHaveLength(1);
  });
});

describe("errors inside a stream", () => {
  test("after text, of a kind that may pass: repeated", async () => {
    const { end, rig } = await run([{ words: 20, inBand: { after: 5, error: { error: { message: "overloaded" } } } }, good]);
    expect(rig.of("completion.retry")).toHaveLength(1);
    expect(end.outcome.status).toBe("ok");
  });
  test("after text, of a kind that stays: failed, the text is kept and marked", async () => {
    const { end, asked } = await run([
      { words: 20, inBand: { after: 5, error: { error: { message: "no credit", code: "insufficient_quota" } } } },
      good,
    ]);
    expect(asked).toBe(1);
    expect(end).toMatchObject({
      outcome: { status: "failed" },
      message: { abandoned: true, error: expect.stringContaining("no credit"), parts: [{ kind: "text", incomplete: true }] },
    });
  });
});

describe("answers that are no stream", () => {
  test("a web page says: check base_url", async () => {
    const { end } = await run([{ status: 200, headers: { "content-type": "text/html" }, body: "<!doctype html><p>hi" }]);
    expect(end.outcome).toMatchObject({ status: "failed", fault: { kind: "protocol", message: expect.stringContaining("base_url") } });
  });
  test("an error object with status 200 is read as the error that it is", async () => {
    const { end, asked } = await run([{ status: 200, body: '{"error":{"message":"no such model","code":404}}' }]);
    expect(asked).toBe(1);
    expect(end.outcome).toMatchObject({ status: "failed", fault: { status: 404 } });
  });
});

describe("cancel", () => {
  test("while it streams: ended at once with what came, the provider sees its socket closed", async () => {
    simulator.play({ words: 500, rate: 200 });
    const { send, ended, until, of, batches } = rig();
    const ask = start(simulator.url);
    send(ask);
    await until((message): message is Extract<ToMain, { t: "deltas" }> => message.t === "deltas");
    const asked = simulator.seen.at(-1)!;
    send({ t: "completion.cancel", completion: ask.completion });
    // Posted in the same turn of the event loop: the last batch has it.
    expect(batches.at(-1)).toMatchObject([{ t: "completion.end", outcome: { status: "canceled" } }]);
    const end = await ended(ask.completion);
    expect(end.message).toMatchObject({ finish: "canceled", abandoned: true, parts: [{ kind: "text", incomplete: true }] });
    while (!asked.closed) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(of("completion.end")).toHaveLength(1);
  });
  test("at any moment it ends once: before the connection, while waiting for a retry, after the end", async () => {
    simulator.play({ words: 5 });
    const { send, ended, of } = rig();
    const early = start(simulator.url);
    send(early, { t: "completion.cancel", completion: early.completion });
    expect((await ended(early.completion)).outcome).toEqual({ status: "canceled" });
    const late = start(simulator.url);
    send(late);
    expect((await ended(late.completion)).outcome.status).toBe("ok");
    send({ t: "completion.cancel", completion: late.completion });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(of("completion.end")).toHaveLength(2);
  });
});

describe("many at once", () => {
  test("100 streams are told without a gap and share their wake-ups", async () => {
    simulator.play({ words: 60, rate: 120 });
    const { send, ended, text, batches } = rig();
    const asks = Array.from({ length: 100 }, () => start(simulator.url));
    send(...asks);
    for (const ask of asks) expect((await ended(ask.completion)).outcome.status).toBe("ok");
    for (const ask of asks) expect(text(ask.message)).toBe(wordsOf(60));
    // 6,000 events; far fewer batches than events, because a batch carries what is due for all.
    expect(batches.length).toBeLessThan(1_000);
  });
});

describe("pacing", () => {
  const watchedBatches = async (deltas: boolean): Promise<{ batches: number; ms: number }> => {
    simulator.play({ words: 300, rate: 250 });
    const { send, ended, batches } = rig({ clock: systemClock });
    const ask = start(simulator.url);
    const from = Date.now();
    send({ t: "session.watched", session: ask.session, deltas }, ask);
    await ended(ask.completion);
    return { batches: batches.filter((batch) => batch.some((message) => message.t === "deltas")).length, ms: Date.now() - from };
  };
  test("a stream of 250 events a second is told about 30 times a second", async () => {
    const { batches, ms } = await watchedBatches(true);
    expect(batches).toBeLessThan((ms / 1000) * 33 + 4);
    expect(batches).toBeGreaterThan(5);
  });
  test("a session that nobody watches is read about 5 times a second", async () => {
    const { batches, ms } = await watchedBatches(false);
    expect(batches).toBeLessThan((ms / 1000) * 6 + 4);
  });
});

describe("answers that say nothing", () => {
  test("an end mark without anything before it is asked again", async () => {
    const { end, asked } = await run([{ finish: "", usage: null }, good]);
    expect(asked).toBe(2);
    expect(end.outcome.status).toBe("ok");
  });
  test("a filter that stops a call: the call is not run", async () => {
    const { end } = await run([{ tools: [{ name: "bash", arguments: "{}" }], finish: "content_filter" }]);
    expect(end).toMatchObject({
      outcome: { status: "ok", finish: "content_filter" },
      message: { parts: [{ kind: "tool_call", incomplete: true }] },
    });
  });
});

describe("addresses", () => {
  test("https to a server that speaks http is a fault of the connection that is not tried again", async () => {
    const before = simulator.seen.length;
    const { send, ended, of } = rig({ clock: fastClock(50) });
    const ask = start(simulator.url.replace("http:", "https:"));
    send(ask);
    expect((await ended(ask.completion)).outcome).toMatchObject({ status: "failed", fault: { kind: "network", retryable: false } });
    expect(of("completion.activity").some(({ state }) => state === "retrying")).toBe(false);
    expect(simulator.seen.length).toBe(before);
  });
  test("what is no address is said to be none", async () => {
    const { send, ended } = rig();
    const ask = start("localhost:8080/v1");
    send(ask);
    expect((await ended(ask.completion)).outcome).toMatchObject({
      status: "failed",
      fault: { kind: "bad_request", message: expect.stringContaining("base_url") },
    });
  });
});
