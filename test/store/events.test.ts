import { describe, expect, test } from "vitest";
import type { Part } from "../../src/protocol/index.ts";
import { sessionHash } from "../../src/store/hash.ts";
import { noUsage } from "../support/session-row.ts";
import { event, message, openAll, permission, session, text, turn } from "./support.ts";

describe("sessions", () => {
  test("a created session reads back with its hash, its head and derived zeros", async () => {
    const { store, queries } = await openAll();
    const [told] = await store.commit([event.created({ title: "first", model: { provider: "p", model: "m" }, parent: "X", yolo: true })]);
    expect(told).toMatchObject({ type: "event", session: "S", seq: 1, time: 1_000, kind: "session.created" });
    expect(queries.session("S")).toEqual(
      session("S", {
        title: "first",
        model: { provider: "p", model: "m" },
        parent: "X",
        yolo: true,
        hash: sessionHash("S"),
        head: 1,
        updatedAt: 1_000,
      }),
    );
    expect(queries.session("T")).toBeUndefined();
  });

  test("an update changes title, model, yolo and todos, and not what the store counts", async () => {
    const { store, queries, clock } = await openAll();
    await store.commit([event.created(), event.message("m1")]);
    clock.time = 2_000;
    const todos = [{ content: "a", activeForm: "doing a", status: "pending" as const }];
    await store.commit([
      event.updated({
        title: "new",
        model: { provider: "p", model: "n" },
        yolo: true,
        todos,
        messageCount: 99,
        head: 99,
        contextTokens: 99,
      }),
    ]);
    expect(queries.session("S")).toMatchObject({
      title: "new",
      model: { model: "n" },
      yolo: true,
      todos,
      messageCount: 1,
      head: 3,
      contextTokens: 0,
      updatedAt: 2_000,
    });
  });

  test("a deleted session leaves its last event and nothing else, and its id is not used again", async () => {
    const { store, queries } = await openAll();
    await store.commit([event.created(), event.created({}, "T")]);
    await store.commit([event.message("m1", { parts: [text("p", 0, "x")] }), event.queued("t1"), event.asked("q1")]);
    await store.saveFile({ session: "S", turn: "t1", path: "/f", content: Buffer.from("old") });
    store.stream({ session: "S", message: "m2", part: "p", index: 0, kind: "text", offset: 0, text: "never seen" });
    await store.commit([event.deleted()]);
    await store.flush();
    expect(queries.session("S")).toBeUndefined();
    expect([queries.message("m1"), queries.turn("t1"), queries.permission("q1")]).toEqual([undefined, undefined, undefined]);
    expect(queries.unfinishedTurns()).toEqual([]);
    expect(queries.events("S", 0, 10)).toEqual([
      { type: "event", session: "S", seq: 5, time: 1_000, kind: "session.deleted", data: { session: "S" } },
    ]);
    expect(queries.events("S", 5, 10)).toEqual([]);
    expect(queries.integrity()).toEqual([]);
    await expect(store.commit([event.created()])).rejects.toMatchObject({ name: "StoreError", code: "constraint" });
    await expect(store.commit([event.message("m3")])).rejects.toMatchObject({ code: "constraint" });
    expect(queries.session("T")).toBeDefined();
  });

  test("lists are newest first, by workspace or all, in pages without gap or repetition though all share a millisecond", async () => {
    const { store, queries } = await openAll();
    for (let n = 0; n < 25; n++) await store.commit([event.created({ workspace: n % 2 ? "/a" : "/b" }, `S${n}`)]);
    await store.commit([event.message("m", {}, "S4")]);
    const page = (workspace?: string) => {
      const ids: string[] = [];
      for (let before: number | undefined; ; ) {
        const rows = queries.sessions({
          limit: 4,
          ...(workspace === undefined ? {} : { workspace }),
          ...(before === undefined ? {} : { before }),
        });
        if (rows.length === 0) return ids;
        ids.push(...rows.map(({ id }) => id));
        before = rows.at(-1)!.updatedAt;
      }
    };
    const order = [4, ...Array.from({ length: 25 }, (_, n) => 24 - n).filter((n) => n !== 4)];
    expect(page()).toEqual(order.map((n) => `S${n}`));
    expect(page("/b")).toEqual(order.filter((n) => n % 2 === 0).map((n) => `S${n}`));
  });

  test("a session is found by its id, by any prefix of its hash, and an ambiguous prefix finds several", async () => {
    const { store, queries } = await openAll();
    const ids = Array.from({ length: 40 }, (_, n) => `id-${n}`);
    await store.commit(ids.slice(0, 1).map((id) => event.created({}, id)));
    for (const id of ids.slice(1)) await store.commit([event.created({}, id)]);
    for (const id of ids) {
      expect(queries.findSessions(id).map((found) => found.id)).toEqual([id]);
      expect(queries.findSessions(sessionHash(id).slice(0, 7)).map((found) => found.id)).toEqual([id]);
      expect(queries.findSessions(sessionHash(id).toUpperCase()).map((found) => found.id)).toEqual([id]);
    }
    const first = sessionHash(ids[0]!)[0]!;
    const expected = ids.filter((id) => sessionHash(id).startsWith(first));
    expect(new Set(queries.findSessions(first).map(({ id }) => id))).toEqual(new Set(expected));
    expect(queries.findSessions("%")).toEqual([]);
    expect(queries.findSessions("")).toEqual([]);
  });

  test("status is waiting while a permission is pending, else running while a turn runs, else idle", async () => {
    const { store, queries } = await openAll();
    const status = () => queries.session("S")!.status;
    await store.commit([event.created(), event.queued("t1")]);
    expect(status()).toBe("idle");
    await store.commit([event.started("t1")]);
    expect(status()).toBe("running");
    await store.commit([event.asked("q1")]);
    expect(status()).toBe("waiting");
    await store.commit([event.resolved("q1")]);
    expect(status()).toBe("running");
    await store.commit([event.completed("t1")]);
    expect(status()).toBe("idle");
  });
});

describe("messages and parts", () => {
  const kinds: Part[] = [
    text("a", 0, "wörds 👍🏽\u0000 and \u001b[31m"),
    { id: "b", index: 1, kind: "reasoning", text: "hm", signature: "sig" },
    { id: "c", index: 2, kind: "tool_call", call: "c1", name: "bash", input: '{"command":"ls"}' },
    { id: "d", index: 3, kind: "tool_call", call: "c2", name: "bash", input: '{"comm', incomplete: true },
    {
      id: "e",
      index: 4,
      kind: "tool_result",
      call: "c1",
      name: "bash",
      text: "ok",
      isError: false,
      meta: { exitCode: 0, diff: "+a", extra: [1] },
    },
    { id: "f", index: 5, kind: "file", path: "/x.png", mime: "image/png", bytes: 12, blob: "hash" },
    { id: "g", index: 6, kind: "file", path: "/x.txt", mime: "text/plain", bytes: 2, text: "hi" },
    { id: "h", index: 7, kind: "text", text: "", incomplete: true },
  ];

  test("a message comes back with every kind of part exactly as it was given", async () => {
    const { store, queries } = await openAll();
    const given = message("m1", {
      parts: kinds,
      model: { provider: "p", model: "m" },
      error: "e",
      abandoned: true,
      finish: "error",
      finishedAt: 33,
      usage: { ...noUsage, input: 3 },
    });
    await store.commit([event.created(), { session: "S", kind: "message.created", data: { message: given } }]);
    expect(queries.message("m1")).toEqual(given);
    expect(queries.events("S", 1, 1)).toMatchObject([{ kind: "message.created", data: { message: given } }]);
  });

  test("parts that are finished one by one, in any order, read in order of their index", async () => {
    const { store, queries } = await openAll();
    await store.commit([event.created(), event.message("m1", { role: "assistant" })]);
    for (const part of kinds.toReversed()) await store.commit([event.part("m1", part)]);
    expect(queries.message("m1")!.parts).toEqual(kinds);
    const replay = queries.events("S", 1, 100);
    expect(replay[0]).toMatchObject({ kind: "message.created", data: { message: { parts: [] } } });
    expect(replay.slice(1).map((told) => told.data)).toEqual(kinds.toReversed().map((part) => ({ message: "m1", part })));
  });

  test("usage is added to session and turn once, however often the end of a message is told", async () => {
    const { store, queries } = await openAll();
    const usage = { input: 100, output: 20, cacheRead: 7, cacheWrite: 3, reasoning: 5, cost: 0.5 };
    await store.commit([
      event.created(),
      event.started("t1"),
      event.message("m1", { role: "assistant" }),
      event.message("m2", { role: "assistant" }),
    ]);
    await store.commit([
      event.finished("m1", { usage }),
      event.finished("m1", { usage }),
      event.finished("m2", { usage: { ...usage, input: 200 } }),
    ]);
    await store.commit([event.completed("t1", { completions: 2 })]);
    const sum = { input: 300, output: 40, cacheRead: 14, cacheWrite: 6, reasoning: 10, cost: 1 };
    expect(queries.session("S")).toMatchObject({ usage: sum, contextTokens: 230, messageCount: 2 });
    expect(queries.turn("t1")).toMatchObject({ usage: sum, completions: 2, status: "ok" });
  });

  test("an abandoned attempt costs, and leaves the context as it was", async () => {
    const { store, queries } = await openAll();
    await store.commit([event.created(), event.message("m1", { role: "assistant" }), event.message("m2", { role: "assistant" })]);
    await store.commit([event.finished("m1", { usage: { ...noUsage, input: 10, output: 1 } })]);
    await store.commit([event.finished("m2", { usage: { ...noUsage, input: 5 }, abandoned: true, finish: "error", error: "cut" })]);
    expect(queries.session("S")).toMatchObject({ contextTokens: 11, usage: { input: 15 } });
    expect(queries.message("m2")).toMatchObject({ abandoned: true, finish: "error", error: "cut" });
  });

  test("pages go back from the end, and the conversation forward, over each message once", async () => {
    const { store, queries } = await openAll();
    const ids = Array.from({ length: 23 }, (_, n) => `m${n}`);
    await store.commit([event.created(), ...ids.map((id) => event.message(id, { parts: [text("p", 0, id)] }))]);
    await store.commit([event.created({}, "T"), event.message("other", {}, "T")]);
    const back: string[] = [];
    for (let before: string | undefined; ; ) {
      const page = queries.messages("S", { limit: 5, ...(before === undefined ? {} : { before }) });
      back.unshift(...page.messages.map(({ id }) => id));
      before = page.messages[0]!.id;
      expect(page.more).toBe(back.length < ids.length);
      if (!page.more) break;
    }
    expect(back).toEqual(ids);
    const forth: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = queries.conversation("S", { limit: 7, ...(after === undefined ? {} : { after }) });
      if (page.length === 0) break;
      forth.push(...page.map(({ id }) => id));
      after = page.at(-1)!.id;
    }
    expect(forth).toEqual(ids);
    expect(queries.messages("S", { before: "other", limit: 5 })).toEqual({ messages: [], more: false });
  });
});

describe("turns and permissions", () => {
  test("a turn has exactly one end: a second one is refused and changes nothing", async () => {
    const { store, queries } = await openAll();
    await store.commit([event.created(), event.queued("t1"), event.started("t1")]);
    await store.commit([event.completed("t1", { status: "failed", reason: "why", cause: "provider" })]);
    await expect(store.commit([event.completed("t1")])).rejects.toMatchObject({
      code: "constraint",
      message: expect.stringContaining("t1"),
    });
    await expect(store.commit([event.started("t1")])).rejects.toMatchObject({ code: "constraint" });
    expect(queries.turn("t1")).toEqual(turn("t1", { status: "failed", reason: "why", cause: "provider", endedAt: 70, completions: 1 }));
    expect(queries.events("S", 0, 100).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(queries.session("S")!.head).toBe(4);
  });

  test("a turn that is canceled in the queue ends without having started", async () => {
    const { store, queries } = await openAll();
    await store.commit([event.created(), event.queued("t1"), event.queued("t2"), event.started("t2")]);
    expect(queries.unfinishedTurns().map(({ id, status }) => [id, status])).toEqual([
      ["t2", "running"],
      ["t1", "queued"],
    ]);
    await store.commit([event.completed("t1", { status: "interrupted", cause: "canceled" })]);
    expect(queries.unfinishedTurns().map(({ id }) => id)).toEqual(["t2"]);
    expect(queries.turns("S", 1).map(({ id }) => id)).toEqual(["t2"]);
    expect(queries.turns("S", 9).map(({ id }) => id)).toEqual(["t2", "t1"]);
  });

  test("the first answer to a permission wins, a later one is refused", async () => {
    const { store, queries } = await openAll();
    await store.commit([event.created(), event.asked("q1"), event.asked("q2", { pattern: "bash(ls *)", diff: "+x" })]);
    expect(queries.permissions({ pendingOnly: true }).map(({ id }) => id)).toEqual(["q1", "q2"]);
    await store.commit([event.resolved("q1", { state: "denied", message: "no" })]);
    await expect(store.commit([event.resolved("q1", { state: "allowed" })])).rejects.toMatchObject({ code: "constraint" });
    expect(queries.permission("q1")).toEqual(permission("q1", { state: "denied", message: "no", resolvedAt: 60, resolvedBy: "tty" }));
    expect(queries.permissions({ session: "S", pendingOnly: true }).map(({ id }) => id)).toEqual(["q2"]);
    expect(queries.permissions({ session: "S" }).map(({ id }) => id)).toEqual(["q1", "q2"]);
    expect(queries.permissions({}).length).toBe(2);
    expect(queries.permissions({ session: "nobody" })).toEqual([]);
  });
});

describe("the rest", () => {
  test("read times are kept by session and file, the newest counts", async () => {
    const { store, queries } = await openAll();
    await store.commit([event.created()]);
    store.recordRead("S", "/a", 5.25);
    store.recordRead("S", "/a", 6.75);
    store.recordRead("nobody", "/a", 1);
    await store.flush();
    expect(queries.readTime("S", "/a")).toBe(6.75);
    expect(queries.readTime("S", "/b")).toBeUndefined();
    expect(queries.readTime("nobody", "/a")).toBeUndefined();
  });

  test("an idempotency key keeps its first answer for 24 hours and then is forgotten", async () => {
    const { writer, queries, clock } = await openAll();
    const save = (key: string, answer: string) =>
      writer.commit({ rows: [{ row: "key", key, method: "session.prompt", answer, time: clock.time }] });
    save("k", "one");
    save("k", "two");
    expect(queries.key("k")).toEqual({ method: "session.prompt", answer: "one" });
    clock.time += 24 * 60 * 60_000;
    expect(queries.key("k")).toBeUndefined();
    save("k", "three");
    expect(queries.key("k")).toMatchObject({ answer: "three" });
  });

  test("events of one commit stand or fall together, those of others in the same batch stand", async () => {
    const { store, queries, batches } = await openAll();
    await store.commit([event.created(), event.created({}, "T")]);
    batches.length = 0;
    const bad = store.commit([event.message("m1"), event.completed("no such turn")]);
    const good = store.commit([event.message("m2", {}, "T")]);
    await expect(bad).rejects.toMatchObject({ code: "constraint" });
    await expect(good).resolves.toMatchObject([{ seq: 2 }]);
    expect(batches.length).toBe(1);
    expect(queries.message("m1")).toBeUndefined();
    expect(queries.session("S")).toMatchObject({ head: 1, messageCount: 0 });
    expect(queries.integrity()).toEqual([]);
  });
});
