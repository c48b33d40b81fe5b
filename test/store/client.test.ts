import { describe, expect, test } from "vitest";
import type { CommitAck, RowBatch, StreamedText } from "../../src/contracts/store.ts";
import { openStore } from "../../src/store/client.ts";
import { batchRowsMax, textWriteMs } from "../../src/store/limits.ts";
import { event, openAll, text } from "./support.ts";

const piece = (part: string, offset: number, words: string, over: Partial<StreamedText> = {}): StreamedText => ({
  session: "S",
  message: "m1",
  part,
  index: 0,
  kind: "text",
  offset,
  text: words,
  ...over,
});
const textRows = (batches: RowBatch[]) => batches.flatMap(({ rows }) => rows).filter((row) => row.row === "text");

/** Time that stands still until told. */
function handClock() {
  const waiting = new Map<object, { at: number; run: () => void }>();
  let time = 0;
  return {
    now: () => time,
    after(ms: number, run: () => void) {
      const timer = {};
      waiting.set(timer, { at: time + ms, run });
      return () => void waiting.delete(timer);
    },
    pending: () => waiting.size,
    pass(ms: number) {
      time += ms;
      for (const [timer, { at, run }] of waiting)
        if (at <= time) {
          waiting.delete(timer);
          run();
        }
    },
  };
}

/** A writer that answers when it is told to. */
function handWriter() {
  const sent: { batch: RowBatch; answer: (failed?: CommitAck["failed"]) => void; die: () => void }[] = [];
  let seq = 0;
  const run = (batch: RowBatch): Promise<CommitAck> =>
    new Promise((resolve, reject) => {
      sent.push({
        batch,
        answer: (failed = []) => resolve({ seqs: batch.rows.map(() => ++seq), time: 1, failed }),
        die: () => reject(new Error("worker terminated")),
      });
    });
  return { sent, run };
}
const turnOfLoop = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("group commit", () => {
  test("a lone row goes at once, what comes meanwhile goes together in the next batch", async () => {
    const { sent, run } = handWriter();
    const store = openStore({ run });
    const first = store.commit([event.message("m1")]);
    await turnOfLoop();
    expect(sent.length).toBe(1);
    const rest = [2, 3, 4].map((n) => store.commit([event.message(`m${n}`), event.message(`n${n}`)]));
    await turnOfLoop();
    expect(sent.length).toBe(1);
    sent[0]!.answer();
    expect((await first).map(({ seq }) => seq)).toEqual([1]);
    await turnOfLoop();
    expect(sent[1]!.batch.rows.length).toBe(6);
    expect(sent[1]!.batch.groups).toEqual([2, 2, 2]);
    sent[1]!.answer();
    expect((await Promise.all(rest)).map((told) => told.map(({ seq }) => seq))).toEqual([
      [2, 3],
      [4, 5],
      [6, 7],
    ]);
  });

  test("nothing is told before the writer has answered", async () => {
    const { sent, run } = handWriter();
    let told = false;
    const promise = openStore({ run }).commit([event.message("m1")]);
    void promise.then(() => (told = true));
    await turnOfLoop();
    expect(told).toBe(false);
    sent[0]!.answer();
    await promise;
  });

  test("a batch holds at most its number of rows, and a group is never cut", async () => {
    const { sent, run } = handWriter();
    const store = openStore({ run });
    const groups = Array.from({ length: 10 }, (_, n) => store.commit(Array.from({ length: 100 }, (_, k) => event.message(`m${n}-${k}`))));
    const sizes: number[] = [];
    while (sizes.reduce((a, b) => a + b, 0) < 1_000) {
      await turnOfLoop();
      const { batch, answer } = sent.at(-1)!;
      sizes.push(batch.rows.length);
      answer();
    }
    await Promise.all(groups);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(batchRowsMax);
    expect(sizes.every((size) => size % 100 === 0)).toBe(true);
  });

  test("a busy batch is sent again as it was, and later rows wait behind it", async () => {
    const { sent, run } = handWriter();
    const clock = handClock();
    const store = openStore({ run, clock });
    const first = store.commit([event.message("m1")]);
    await turnOfLoop();
    const second = store.commit([event.message("m2")]);
    for (let n = 0; n < 3; n++) {
      sent[n]!.answer([{ index: -1, code: "busy", message: "locked" }]);
      await turnOfLoop();
      expect(sent.length).toBe(n + 1);
      clock.pass(10_000);
      await turnOfLoop();
      expect(sent[n + 1]!.batch).toEqual(sent[0]!.batch);
    }
    sent[3]!.answer();
    await first;
    await turnOfLoop();
    expect(sent[4]!.batch.rows).toMatchObject([{ event: { data: { message: { id: "m2" } } } }]);
    sent[4]!.answer();
    await second;
  });

  test("a batch that stays busy is refused as busy, not tried for ever", async () => {
    const clock = handClock();
    let calls = 0;
    const store = openStore({
      clock,
      run: async () => {
        calls++;
        setImmediate(() => clock.pass(60_000));
        return { seqs: [0], time: 1, failed: [{ index: -1, code: "busy", message: "locked" }] };
      },
    });
    await expect(store.commit([event.message("m1")])).rejects.toMatchObject({ name: "StoreError", code: "busy" });
    expect(calls).toBeGreaterThan(3);
  });

  test("the writer's death refuses the rows it had, says that their fate is unknown, and the next batch asks again", async () => {
    const { sent, run } = handWriter();
    const store = openStore({ run });
    const lost = [store.commit([event.message("m1")]), store.saveKey("k", "m", "a")];
    await turnOfLoop();
    const next = store.commit([event.message("m2")]);
    sent[0]!.die();
    for (const promise of lost)
      await expect(promise).rejects.toMatchObject({ name: "StoreError", code: "io", message: expect.stringContaining("not known") });
    await turnOfLoop();
    sent[1]!.answer();
    await expect(next).resolves.toMatchObject([{ seq: 1 }]);
  });

  test("a whole batch refused for a full disk refuses each promise with that code, and the store goes on when there is room", async () => {
    const { sent, run } = handWriter();
    const store = openStore({ run });
    const both = [store.commit([event.message("m1")]), store.saveFile({ session: "S", turn: "t", path: "/f" })];
    await turnOfLoop();
    sent[0]!.answer([{ index: -1, code: "full", message: "disk full" }]);
    for (const promise of both) await expect(promise).rejects.toMatchObject({ code: "full" });
    const later = store.commit([event.message("m2")]);
    await turnOfLoop();
    sent[1]!.answer();
    await later;
  });

  test("closing commits what waits; after it everything is refused as closed", async () => {
    const { store, queries } = await openAll();
    void store.commit([event.created()]);
    store.recordRead("S", "/f", 3);
    await store.close();
    expect(queries.session("S")).toBeDefined();
    expect(queries.readTime("S", "/f")).toBe(3);
    await expect(store.commit([event.message("m1")])).rejects.toMatchObject({ code: "closed" });
    store.stream(piece("p", 0, "late"));
    await store.close();
  });
});

describe("streamed text", () => {
  test("2,000 deltas become at most one row a part and `textWriteMs`, still several a second, and the text is whole", async () => {
    const { writer, queries } = await openAll();
    const clock = handClock();
    const batches: RowBatch[] = [];
    const store = openStore({
      clock,
      run: async (batch) => {
        batches.push(batch);
        return writer.commit(batch);
      },
    });
    await store.commit([event.created(), event.message("m1", { role: "assistant" })]);
    let whole = "";
    for (let n = 0; n < 2_000; n++) {
      const words = `word${n} 👍 `;
      store.stream(piece("p", whole.length, words));
      whole += words;
      clock.pass(1); // a very fast model: 1,000 deltas a second
      if (n % 10 === 0) await turnOfLoop();
    }
    expect(textRows(batches).length).toBeLessThanOrEqual(2_000 / textWriteMs);
    expect(textRows(batches).length).toBeGreaterThan(1_000 / textWriteMs);
    clock.pass(textWriteMs);
    await store.flush();
    expect(queries.message("m1")!.parts).toEqual([{ id: "p", index: 0, kind: "text", text: whole, incomplete: true }]);
    expect(clock.pending()).toBe(0); // idle means idle
    await store.commit([event.part("m1", text("p", 0, `${whole}!`))]);
    expect(queries.message("m1")!.parts).toEqual([text("p", 0, `${whole}!`)]);
  });

  test("text of a part is never written after the part's end, whenever it comes", async () => {
    const { store, queries, batches } = await openAll();
    await store.commit([event.created(), event.message("m1", { role: "assistant" })]);
    store.stream(piece("p", 0, "waits"));
    const done = store.commit([event.part("m1", text("p", 0, "waits, done"))]);
    store.stream(piece("p", 5, ", do"));
    await done;
    await store.flush();
    expect(queries.message("m1")!.parts).toEqual([text("p", 0, "waits, done")]);
    const rows = batches.flatMap((batch) => batch.rows);
    const end = rows.findIndex((row) => row.row === "event" && row.event.kind === "part.finished");
    expect(rows.slice(0, end).some((row) => row.row === "text")).toBe(false); // what the end makes obsolete is not written at all
  });

  test("several parts stream side by side, read in order, a tool call with its id and name", async () => {
    const { store, queries } = await openAll();
    await store.commit([event.created(), event.message("m1", { role: "assistant" })]);
    store.stream(piece("b", 0, '{"comm', { index: 1, kind: "tool_call", call: "c1", name: "bash" }));
    store.stream(piece("a", 0, "think", { index: 0, kind: "reasoning" }));
    store.stream(piece("b", 6, 'and":1', { index: 1, kind: "tool_call" }));
    await store.flush();
    store.stream(piece("a", 5, "ing", { index: 0, kind: "reasoning" }));
    await store.flush();
    expect(queries.messages("S", { limit: 5 }).messages[0]!.parts).toEqual([
      { id: "a", index: 0, kind: "reasoning", text: "thinking", incomplete: true },
      { id: "b", index: 1, kind: "tool_call", call: "c1", name: "bash", input: '{"command":1', incomplete: true },
    ]);
  });

  test("text that comes before its message is kept for it", async () => {
    const { store, queries } = await openAll();
    await store.commit([event.created()]);
    store.stream(piece("p", 0, "early"));
    await store.flush();
    await store.commit([event.message("m1", { role: "assistant" })]);
    expect(queries.message("m1")!.parts).toMatchObject([{ text: "early", incomplete: true }]);
  });

  test("a message that ends with a part unfinished keeps its text, marked incomplete, also in the replay", async () => {
    const { store, queries } = await openAll();
    await store.commit([event.created(), event.message("m1", { role: "assistant" })]);
    store.stream(piece("p", 0, "half an ans"));
    await store.flush();
    store.stream(piece("p", 11, "wer"));
    await store.commit([event.finished("m1", { finish: "error", error: "cut" })]);
    const part = { id: "p", index: 0, kind: "text", text: "half an answer", incomplete: true };
    expect(queries.message("m1")!.parts).toEqual([part]);
    expect(queries.events("S", 1, 1)).toMatchObject([{ kind: "message.created", data: { message: { parts: [part] } } }]);
  });

  test("half a surrogate pair waits for its other half", async () => {
    const { store, queries, batches } = await openAll();
    await store.commit([event.created(), event.message("m1", { role: "assistant" })]);
    store.stream(piece("p", 0, "a\ud83d"));
    await store.flush();
    store.stream(piece("p", 2, "\udc4db"));
    await store.flush();
    expect(queries.message("m1")!.parts).toMatchObject([{ text: "a👍b" }]);
    expect(textRows(batches).map((row) => row.row === "text" && row.text.text)).toEqual(["a", "👍b"]);
  });

  test("text with a gap is kept up to the gap, and repeated text is not doubled", async () => {
    const { writer, store, queries } = await openAll();
    await store.commit([event.created(), event.message("m1", { role: "assistant" })]);
    const write = (part: string, offset: number, words: string) =>
      writer.commit({ rows: [{ row: "text", text: piece(part, offset, words) }] });
    write("p", 0, "abc");
    write("p", 5, "fgh");
    write("q", 0, "abc");
    write("q", 2, "cde");
    write("q", 0, "abc");
    expect(queries.message("m1")!.parts).toMatchObject([{ text: "abc" }, { text: "abcde" }]);
  });
});
