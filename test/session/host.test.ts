import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ToMain, ToWorker } from "../../src/contracts/link.ts";
import type { OpenView, View, ViewHost } from "../../src/contracts/view.ts";
import type { DurableEvent, LatestEvent } from "../../src/protocol/index.ts";
import { screenOpener } from "../../src/session/screen/index.ts";
import { openSimulator, type Simulator, wordsOf } from "../support/simulator.ts";
import { type Rig, rig, start } from "./completion/support.ts";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await openSimulator();
});
afterAll(() => simulator.close());

type Probe = {
  host: ViewHost;
  heard: (DurableEvent | LatestEvent)[];
  shown: (string | undefined)[];
  painted: number;
  closed: boolean;
  text: string;
};

/** A view that shows the text of its session's deltas, and does what keys tell it: ! throws, ? asks, * rings. */
function probeView(probes: Map<number, Probe>): OpenView {
  return (host, options) => {
    const probe: Probe = {
      host,
      heard: [],
      shown: [options.session],
      painted: 0,
      closed: false,
      text: options.state === undefined ? "" : String(options.state),
    };
    probes.set(host.screen, probe);
    const view: View = {
      input(bytes) {
        const keys = Buffer.from(bytes).toString();
        if (keys === "!") throw new Error("the view broke");
        if (keys === "?")
          void host.request("server.status", {}).then(
            (status) => {
              probe.text += `[${status.pid}]`;
              host.invalidate();
            },
            (error: Error) => {
              probe.text += `[${error.message}]`;
              host.invalidate();
            },
          );
        else if (keys === "*") host.effect({ effect: "bell" });
        else probe.text += keys;
        host.invalidate();
      },
      resize() {},
      focus() {},
      event(event) {
        probe.heard.push(event);
        if (event.type === "delta") probe.text += event.text;
        host.invalidate();
      },
      paint(surface) {
        probe.painted++;
        surface.clear(0);
        surface.text(0, 0, probe.text.slice(-60), { fg: 0, bg: 0, attrs: 0 });
        return { cursor: { row: 0, col: 0, visible: true } };
      },
      show: (session) => void probe.shown.push(session),
      state: () => probe.text,
      close() {
        probe.closed = true;
      },
    };
    return view;
  };
}

function withScreens(): Rig & { probes: Map<number, Probe> } {
  const probes = new Map<number, Probe>();
  return Object.assign(rig({ openScreen: screenOpener(undefined, probeView(probes)) }), { probes });
}
const opened = (screen: number, more: Partial<Extract<ToWorker, { t: "screen.open" }>> = {}): ToWorker => ({
  t: "screen.open",
  screen,
  cols: 80,
  rows: 24,
  term: { name: "xterm", colours: "true" },
  mode: "full",
  workspace: "/w",
  ...more,
});
const keys = (screen: number, text: string): ToWorker => ({ t: "screen.input", screen, bytes: Buffer.from(text) });
const isEnd = (message: ToMain): message is Extract<ToMain, { t: "completion.end" }> => message.t === "completion.end";

describe("screens", () => {
  test("a key is answered with a patch in the same turn of the event loop", () => {
    const { send, of } = withScreens();
    send(opened(1));
    const before = of("patch").length;
    expect(before).toBeGreaterThan(0);
    send(keys(1, "x"));
    expect(of("patch").length).toBe(before + 1);
    expect(Buffer.from(of("patch").at(-1)!.bytes).toString()).toContain("x");
  });

  test("a session's deltas reach its screens, and go to main in the same batch as the patch that shows them", async () => {
    simulator.play({ words: 40 });
    const { send, until, batches, probes } = withScreens();
    const ask = start(simulator.url, { session: "s1" });
    send(opened(1, { session: "s1" }), opened(2, { session: "other" }), ask);
    await until(isEnd);
    expect(probes.get(1)!.text).toBe(wordsOf(40));
    expect(probes.get(2)!.heard).toEqual([]);
    const batch = batches.find((each) => each.some((message) => message.t === "deltas"))!;
    expect(batch.map((message) => message.t)).toContain("patch");
  });

  test("text that nobody has subscribed to is shown at each tick and goes to main a few times a second, whole and before its end", async () => {
    simulator.play({ words: 120, rate: 200 });
    const { send, until, batches, probes } = withScreens();
    const ask = start(simulator.url, { session: "s1" });
    send({ t: "session.watched", session: "s1", deltas: false }, opened(1, { session: "s1" }), ask);
    await until(isEnd);
    const messages = batches.flat();
    const told = messages.filter((message) => message.t === "deltas").flatMap(({ deltas }) => deltas);
    expect(told.map(({ text }) => text).join("")).toBe(wordsOf(120));
    let length = 0;
    for (const { offset, text } of told) {
      expect(offset).toBe(length);
      length += text.length;
    }
    expect(messages.findLastIndex(({ t }) => t === "deltas")).toBeLessThan(messages.findIndex(isEnd));
    const shown = probes.get(1)!.heard.filter(({ type }) => type === "delta").length;
    expect(told.length).toBeLessThan(shown / 2);
  });

  test("a subscriber that comes while text is held gets it with the next tick", async () => {
    simulator.play({ words: 60, rate: 200 });
    const { send, until, probes } = withScreens();
    const ask = start(simulator.url, { session: "s1" });
    send({ t: "session.watched", session: "s1", deltas: false }, opened(1, { session: "s1" }), ask);
    await until((message): message is Extract<ToMain, { t: "patch" }> => message.t === "patch" && probes.get(1)!.text.length > 0);
    send({ t: "session.watched", session: "s1", deltas: true });
    const first = await until((message): message is Extract<ToMain, { t: "deltas" }> => message.t === "deltas");
    expect(first.deltas[0]!.offset).toBe(0);
    await until(isEnd);
  });

  test("events of a session reach the screens that show it; shown another one, they hear that one", () => {
    const { send, probes } = withScreens();
    const events = (session: string): ToWorker => ({
      t: "events",
      session,
      events: [{ type: "event", session, seq: 1, time: 1, kind: "session.deleted", data: { session } }],
    });
    send(opened(1, { session: "a" }), events("a"), events("b"), { t: "screen.show", screen: 1, session: "b" }, events("a"), events("b"));
    expect(probes.get(1)!.heard.map((event) => event.session)).toEqual(["a", "b"]);
    expect(probes.get(1)!.shown).toEqual(["a", "b"]);
  });

  test("a view's request goes to main, and the answer or the error comes back to it", async () => {
    const { send, of, until, probes } = withScreens();
    send(opened(1), keys(1, "?"), keys(1, "?"));
    const asked = of("request");
    expect(asked.map(({ screen, method }) => [screen, method])).toEqual([
      [1, "server.status"],
      [1, "server.status"],
    ]);
    send(
      { t: "reply", screen: 1, id: asked[1]!.id, error: { code: "forbidden", message: "not yours", retryable: false } },
      { t: "reply", screen: 1, id: asked[0]!.id, result: { pid: 77 } },
    );
    await until(
      (message): message is Extract<ToMain, { t: "patch" }> =>
        message.t === "patch" && Buffer.from(message.bytes).toString().includes("77"),
    );
    expect(probes.get(1)!.text).toBe("[not yours][77]");
  });

  test("a view that throws ends its own screen, and nothing else", async () => {
    simulator.play({ words: 30, rate: 300 });
    const { send, ended, of, probes } = withScreens();
    const ask = start(simulator.url, { session: "s1" });
    send(opened(1, { session: "s1" }), opened(2, { session: "s1" }), ask);
    send(keys(1, "!"), keys(2, "y"));
    expect(of("screen.failed")).toEqual([{ t: "screen.failed", screen: 1, message: "the view broke" }]);
    expect(probes.get(1)!.closed).toBe(true);
    expect((await ended(ask.completion)).outcome.status).toBe("ok");
    expect(probes.get(2)!.text).toBe(`y${wordsOf(30)}`);
    send(keys(1, "z"));
    expect(of("screen.failed")).toHaveLength(1);
  });

  test("a screen that cannot be opened is failed; without a user interface all are", () => {
    const broken = rig({
      openScreen: screenOpener(undefined, () => {
        throw new Error("no view");
      }),
    });
    broken.send(opened(1));
    expect(broken.of("screen.failed")).toEqual([{ t: "screen.failed", screen: 1, message: "no view" }]);
    const bare = rig();
    bare.send(opened(1));
    expect(bare.of("screen.failed")).toHaveLength(1);
  });

  test("a screen that moves gives its state and nothing after it; opened with it elsewhere, it goes on", () => {
    const from = withScreens();
    from.send(opened(1), keys(1, "draft"));
    from.send({ t: "screen.close", screen: 1, move: true });
    expect(from.all().at(-1)!.t).toBe("screen.state");
    const { state } = from.of("screen.state")[0]!;
    const to = withScreens();
    to.send(opened(1, { state }));
    expect(to.probes.get(1)!.text).toBe("draft");
  });

  test("requests of a closed screen are ended, not left hanging", async () => {
    const { send, probes } = withScreens();
    send(opened(1), keys(1, "?"));
    const probe = probes.get(1)!;
    send({ t: "screen.close", screen: 1 });
    await new Promise((resolve) => setImmediate(resolve));
    expect(probe.text).toContain("closed before the answer");
    await expect(probe.host.request("server.status", {})).rejects.toThrow("closed");
  });

  test("an effect of a view goes to main", () => {
    const { send, of } = withScreens();
    send(opened(1), keys(1, "*"));
    expect(of("effect")).toEqual([{ t: "effect", effect: { type: "effect", screen: 1, effect: "bell" } }]);
  });
});

describe("the worker's loop", () => {
  test("after all is done it is idle: no timer, no wake-up", async () => {
    simulator.play({ words: 10 });
    const timers = new Set<object>();
    const clock = {
      now: () => Date.now(),
      after(ms: number, run: () => void) {
        const key = {};
        timers.add(key);
        const timer = setTimeout(() => {
          timers.delete(key);
          run();
        }, ms);
        return () => {
          timers.delete(key);
          clearTimeout(timer);
        };
      },
    };
    const probes = new Map<number, Probe>();
    const { send, ended } = rig({ clock, openScreen: screenOpener(undefined, probeView(probes)) });
    const ask = start(simulator.url, { session: "s1" });
    send(opened(1, { session: "s1" }), ask);
    await ended(ask.completion);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(timers.size).toBe(0);
    const { painted } = probes.get(1)!;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(probes.get(1)!.painted).toBe(painted);
  });

  test("a provider that nobody speaks to is refused in words", async () => {
    const { send, ended } = rig({ wireFor: () => undefined });
    const ask = start("http://127.0.0.1:1");
    send(ask);
    expect((await ended(ask.completion)).outcome).toMatchObject({
      status: "failed",
      fault: { kind: "bad_request", message: expect.stringContaining("openai-compat") },
    });
  });

  test("shutdown cancels what runs, closes the screens, and is told when it is done", async () => {
    simulator.play({ words: 500, rate: 100 });
    const { host, send, of, probes } = withScreens();
    send(opened(1), start(simulator.url), start(simulator.url));
    send({ t: "shutdown" });
    await host.closed;
    expect(of("completion.end").map(({ outcome }) => outcome.status)).toEqual(["canceled", "canceled"]);
    expect(probes.get(1)!.closed).toBe(true);
    send(keys(1, "x"));
  });

  test("a message that nobody knows is ignored, and the ones around it are handled", () => {
    const { send, of } = withScreens();
    send(opened(1), { t: "from.the.future" } as unknown as ToWorker, keys(1, "*"), keys(99, "*"));
    expect(of("effect")).toHaveLength(1);
  });
});
