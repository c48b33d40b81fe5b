import path from "node:path";
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import { expect, onTestFinished, test } from "vitest";
import type { CommitAck } from "../../src/contracts/store.ts";
import { openStore } from "../../src/store/client.ts";
import { openQueries } from "../../src/store/queries/queries.ts";
import { openSearch } from "../../src/store/queries/search.ts";
import { event, tempFile, text } from "./support.ts";

const filename = path.join(path.dirname(fileURLToPath(import.meta.url)), "../../dist/workers/store.mjs");

function openPool(database: string) {
  const pool = new Piscina({ filename, minThreads: 1, maxThreads: 1, atomics: "disabled", workerData: { database } });
  onTestFinished(() => pool.destroy());
  const store = openStore({
    run: (batch) => pool.run(batch) as Promise<CommitAck>,
    end: () => pool.run(undefined, { name: "close" }) as Promise<void>,
  });
  return { pool, store };
}

test("on its own thread the writer commits what the main thread reads back, and closes with the store", async () => {
  const file = tempFile();
  const { store } = openPool(file);
  await store.ready();
  const queries = openQueries(file);
  onTestFinished(() => queries.close());
  await store.commit([event.created()]);
  const sent = Array.from({ length: 300 }, (_, n) => store.commit([event.message(`m${n}`, { parts: [text("p", 0, `text ${n}`)] })]));
  const told = (await Promise.all(sent)).flat();
  expect(told.map(({ seq }) => seq)).toEqual(Array.from({ length: 300 }, (_, n) => n + 2));
  await store.saveFile({ session: "S", turn: "t1", path: "/f", content: new TextEncoder().encode("old") });
  expect(queries.messages("S", { limit: 2 }).messages.map(({ id }) => id)).toEqual(["m298", "m299"]);
  expect(Buffer.concat([...queries.fileBefore("S", "/f", "t1")!.pieces]).toString()).toBe("old");
  await store.close();
});

test("between batches the thread indexes what is finished, also what it finds when it starts again", async () => {
  const file = tempFile();
  const find = async (words: string): Promise<string[]> => {
    const search = openSearch(file);
    try {
      for (;;) {
        const { hits, complete } = search.search(words, 9);
        if (complete) return hits.map(({ message }) => message);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    } finally {
      search.close();
    }
  };
  const first = openPool(file).store;
  await first.commit([event.created(), event.message("m1", { parts: [text("p", 0, "a needle")] })]);
  expect(await find("needle")).toEqual(["m1"]);
  await first.commit([event.message("m2", { parts: [text("p", 0, "a needle too")] })]);
  await first.close(); // long before the quiet time is over
  await openPool(file).store.ready();
  expect(await find("needle")).toEqual(["m2", "m1"]);
});

test("errors keep their code across the thread border", async () => {
  const { store } = openPool(path.join(path.dirname(tempFile()), "missing", "crush.db"));
  await expect(store.ready()).rejects.toMatchObject({ name: "StoreError", code: "io" });
  await expect(store.commit([event.created()])).rejects.toMatchObject({ name: "StoreError", code: "io" });
});

test("when the worker dies in the middle the batch is refused as io, and the next one finds a new worker and everything acknowledged", async () => {
  const file = tempFile();
  const { pool, store } = openPool(file);
  await store.commit([event.created()]);
  await store.commit([event.message("m1")]);
  const caught = store.commit([event.message("m2")]);
  setImmediate(() => void pool.threads[0]?.terminate());
  const outcome = await caught.then(
    () => "committed",
    (error: { code: string }) => error.code,
  );
  expect(["committed", "io"]).toContain(outcome);
  await store.commit([event.message("m3")]);
  const queries = openQueries(file);
  onTestFinished(() => queries.close());
  const ids = queries.messages("S", { limit: 9 }).messages.map(({ id }) => id);
  expect(ids.filter((id) => id !== "m2")).toEqual(["m1", "m3"]);
  if (outcome === "committed") expect(ids).toContain("m2");
  expect(queries.integrity()).toEqual([]);
});
