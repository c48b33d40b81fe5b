import Database from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Part } from "../../src/protocol/index.ts";
import { searchMessageCharsMax, searchPieceMessages, searchSnippetChars, searchToolCharsMax } from "../../src/store/limits.ts";
import { openSearch } from "../../src/store/queries/search.ts";
import { openWriter } from "../../src/store/writer.ts";
import { event, type Opened, openAll, text } from "./support.ts";

/** An open store whose index is brought up to date by hand. */
async function openIndexed(): Promise<
  Opened & { index(): void; find(query: string, limit?: number): string[]; search: ReturnType<typeof openSearch> }
> {
  const opened = await openAll();
  const search = openSearch(opened.path);
  onTestFinished(() => search.close());
  await opened.store.commit([event.created()]);
  return {
    ...opened,
    search,
    index() {
      while (opened.writer.idle());
    },
    find: (query, limit = 20) => search.search(query, limit).hits.map(({ message }) => message),
  };
}
const say = (id: string, words: string, of = "S") => event.message(id, { parts: [text("p", 0, words)] }, of);

describe("what is found", () => {
  test("messages that hold every word, newest first, in any order, case and accent", async () => {
    const { store, index, find } = await openIndexed();
    await store.commit([say("m1", "The café opens at nine"), say("m2", "NINE cafes"), say("m3", "at nine the Cafe\u0301 was open")]);
    index();
    expect(find("cafe nine")).toEqual(["m3", "m1"]);
    expect(find("NINE CAFÉ ")).toEqual(["m3", "m2", "m1"]); // the last word may go on
    expect(find("nine")).toEqual(["m3", "m2", "m1"]);
    expect(find("nine", 2)).toEqual(["m3", "m2"]);
    expect(find("ten")).toEqual([]);
  });

  test("of the last word a beginning is enough, of the others and of one with two letters it is not", async () => {
    const { store, index, find } = await openIndexed();
    await store.commit([say("m1", "checkpoint started"), say("m2", "check it")]);
    index();
    expect(find("check")).toEqual(["m2", "m1"]);
    expect(find("check start")).toEqual([]);
    expect(find("checkpoint start")).toEqual(["m1"]);
    expect(find("ch")).toEqual([]);
    expect(find('"check"')).toEqual(["m2"]);
  });

  test("words in quotes, and names with signs in them, stand side by side", async () => {
    const { store, index, find } = await openIndexed();
    await store.commit([say("m1", "call open_store(path)"), say("m2", "open the store"), say("m3", "src/open/store.ts")]);
    index();
    expect(find("open_store")).toEqual(["m3", "m1"]);
    expect(find('"open store"')).toEqual(["m3", "m1"]);
    expect(find("open store")).toEqual(["m3", "m2", "m1"]);
    expect(find("open/store.ts")).toEqual(["m3"]);
  });

  test("Chinese, Japanese, Korean and Thai are found by any run of characters, though they write no spaces", async () => {
    const { store, index, find } = await openIndexed();
    await store.commit([
      say("m1", "数据库的写入线程会阻塞"),
      say("m2", "コーヒーを飲みます"),
      say("m3", "데이터베이스를 엽니다"),
      say("m4", "ฐานข้อมูลเปิดอยู่"),
    ]);
    index();
    expect(find("写入")).toEqual(["m1"]);
    expect(find("线程")).toEqual(["m1"]);
    expect(find("写线")).toEqual([]);
    expect(find("コーヒー")).toEqual(["m2"]);
    expect(find("飲み")).toEqual(["m2"]);
    expect(find("베이스")).toEqual(["m3"]);
    expect(find("ข้อมูล")).toEqual(["m4"]);
  });

  test("Hindi and Hebrew with their marks, whole words", async () => {
    const { store, index, find } = await openIndexed();
    await store.commit([say("m1", "यह हिन्दी में है"), say("m2", "שָׁלוֹם עולם")]);
    index();
    expect(find("हिन्दी")).toEqual(["m1"]);
    expect(find("שָׁלוֹם")).toEqual(["m2"]);
  });

  test("texts of each kind of part: answers, reasoning, arguments as words, results, and paths of files", async () => {
    const { store, index, find } = await openIndexed();
    const parts: Part[] = [
      { id: "a", index: 0, kind: "reasoning", text: "pondering" },
      {
        id: "b",
        index: 1,
        kind: "tool_call",
        call: "c",
        name: "write",
        input: JSON.stringify({ content: 'first\nsecond "third" Größe', path: "a/b" }),
      },
      { id: "c", index: 2, kind: "tool_result", call: "c", name: "bash", text: "resulting", isError: false },
      { id: "d", index: 3, kind: "file", path: "docs/manual.md", mime: "text/markdown", bytes: 4, text: "chapter" },
    ];
    await store.commit([event.message("m1", { parts })]);
    index();
    for (const word of ["pondering", "first", "second", "third", "größe", "resulting", "manual.md", "chapter"])
      expect([word, ...find(word)]).toEqual([word, "m1"]);
  });

  test("a long result is found by its first part, a long message by its beginning", async () => {
    const { store, index, find } = await openIndexed();
    const long = (first: string, chars: number, last: string): string => `${first} ${"x ".repeat(chars / 2)} ${last}`;
    await store.commit([
      event.message("m1", {
        role: "tool",
        parts: [
          {
            id: "p",
            index: 0,
            kind: "tool_result",
            call: "c",
            name: "view",
            text: long("alpha", searchToolCharsMax, "omega"),
            isError: false,
          },
        ],
      }),
      say("m2", long("alpha", searchToolCharsMax, "omega")),
      say("m3", long("alpha", searchMessageCharsMax, "omega")),
    ]);
    index();
    expect(find("alpha")).toEqual(["m3", "m2", "m1"]);
    expect(find("omega")).toEqual(["m2"]);
  });

  test("an answer says where: session, number of the message, who, when, and the place with the words marked", async () => {
    const { store, index, search } = await openIndexed();
    await store.commit([say("m0", "before")]);
    await store.commit([say("m1", `${"filler ".repeat(40)}\n\nthe writer's\tcheckpoint waits ${"filler ".repeat(40)}`)]);
    index();
    const { hits, complete } =
      search.search("check writer waits", 5).hits.length === 0 ? search.search("writer waits", 5) : { hits: [], complete: false };
    expect(complete).toBe(true);
    expect(hits).toMatchObject([
      { session: "S", title: "untitled", workspace: "/work", message: "m1", seq: 2, role: "user", createdAt: 20 },
    ]);
    const { text: snippet, marks } = hits[0]!.snippet;
    expect(snippet).toMatch(/^….*filler the writer's checkpoint waits filler.*…$/);
    expect(snippet.length).toBeLessThanOrEqual(searchSnippetChars + 2);
    expect(marks.map(([at, length]) => snippet.slice(at, at + length))).toEqual(["writer", "waits"]);
  });

  test("any text is a query: what is no word is ignored, and every word of a message finds it", async () => {
    const { store, index, search, find } = await openIndexed();
    await store.commit([say("m1", "plain words NEAR AND OR NOT text rowid")]);
    index();
    for (const query of [
      '"',
      '""',
      "*",
      "(",
      "NEAR(plain",
      "plain AND NOT text",
      "text:plain",
      "-plain",
      "^plain",
      "plain*",
      "pl\0ain",
      "\ud800 plain",
      "{a b}",
      "'",
      ";",
    ])
      expect(() => search.search(query, 5)).not.toThrow();
    expect(find("NOT text AND plain")).toEqual(["m1"]);
    expect(find('(plain) "words" NEAR*')).toEqual(["m1"]);
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 60 }), (query) => Array.isArray(search.search(query, 5).hits)));
    fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (query) => Array.isArray(search.search(`"${query}" *`, 5).hits)));
  });

  test("whatever a message says, each run of its words in quotes finds it, and the snippet is a piece of it", async () => {
    const { store, index, search } = await openIndexed();
    let serial = 0;
    const words = fc.array(
      fc.oneof(
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }),
        fc.constantFrom("数据", "naïve", "foo_bar", "ÅNGSTRÖM", "ｶﾅ", "1,5"),
      ),
      {
        minLength: 1,
        maxLength: 12,
      },
    );
    await fc.assert(
      fc.asyncProperty(words, fc.nat(), fc.nat(), async (said, a, b) => {
        const id = `w${serial++}`;
        const [from, to] = [a % said.length, b % said.length].sort((x, y) => x - y) as [number, number];
        await store.commit([say(id, said.join(" "))]);
        index();
        const query = said
          .slice(from, to + 1)
          .join(" ")
          .replaceAll('"', " ");
        // What holds no letter and no digit is no word.
        fc.pre(/[a-z0-9]/i.test(query));
        const hit = search.search(`"${query}"`, 100).hits.find(({ message }) => message === id);
        expect(hit).toBeDefined();
        for (const [at, length] of hit!.snippet.marks) expect(hit!.snippet.text.slice(at, at + length).length).toBe(length);
      }),
      { numRuns: 100 },
    );
  }, 30_000);
});

describe("the index", () => {
  test("merges what it has gathered in steps, and finds the same before, between and after", async () => {
    const { store, writer, path, find } = await openIndexed();
    const segments = () => {
      const db = new Database(path, { readonly: true });
      const { n } = db.prepare("SELECT count(DISTINCT segid) AS n FROM search_idx").get() as { n: number };
      db.close();
      return n;
    };
    const total = 40 * searchPieceMessages;
    for (let n = 0; n < total; n++) void store.commit([say(`m${n}`, `needle number${n} ${"some words to fill a page ".repeat(4)}`)]);
    await store.flush();
    let [most, steps] = [0, 0];
    for (let more = true; more; steps++) {
      more = writer.idle();
      most = Math.max(most, segments());
      const known = find("needle", 1).length === 0 ? 0 : Number(find("needle", 1)[0]!.slice(1)) + 1;
      expect(find("number0").length).toBe(known > 0 ? 1 : 0);
    }
    expect(steps).toBeGreaterThan(80);
    expect(most).toBeGreaterThan(3);
    expect(most).toBeLessThan(12); // below 16 nothing is merged in one go
    expect(find("needle", total + 1).length).toBe(total);
  }, 30_000);

  test("takes a message once it is finished, also when others were finished before it", async () => {
    const { store, index, find, search } = await openIndexed();
    await store.commit([event.message("m1", { role: "assistant" }), say("m2", "needle here")]);
    expect(search.search("needle", 5).complete).toBe(false);
    index();
    store.stream({ session: "S", message: "m1", part: "p", index: 0, kind: "text", offset: 0, text: "needle" });
    await store.flush();
    index();
    expect(find("needle")).toEqual(["m2"]);
    expect(search.search("needle", 5).complete).toBe(true);
    await store.commit([event.part("m1", text("p", 0, "needle too")), event.finished("m1")]);
    expect(search.search("needle", 5).complete).toBe(false);
    index();
    expect(find("needle")).toEqual(["m2", "m1"]);
  });

  test("does not take part in a commit, goes on where it was in another process, and holds each message once", async () => {
    const { store, writer, path, find } = await openIndexed();
    const total = 5 * searchPieceMessages;
    for (let n = 0; n < total; n++) void store.commit([say(`m${n}`, `needle ${n}`)]);
    await store.flush();
    expect(find("needle", 1_000)).toEqual([]);
    expect(writer.idle()).toBe(true);
    expect(find("needle", 1_000).length).toBe(searchPieceMessages);
    writer.close();
    const again = openWriter(path);
    onTestFinished(() => again.close());
    while (again.idle());
    expect(find("needle", 1_000)).toEqual(Array.from({ length: total }, (_, n) => `m${total - 1 - n}`));
    const db = new Database(path, { readonly: true });
    expect(db.prepare("SELECT count(*) AS n FROM search_docsize").get()).toEqual({ n: total });
    db.close();
  });

  test("lets go of a deleted session, and takes the messages that get its keys", async () => {
    const { store, index, find, queries, path } = await openIndexed();
    await store.commit([event.created({}, "T")]);
    await store.commit([say("m1", "needle one")]);
    await store.commit([say("m2", "needle two", "T"), event.message("m3", { role: "assistant" }, "T")]);
    index();
    expect(find("needle")).toEqual(["m2", "m1"]);
    await store.commit([event.deleted("T")]);
    expect(find("needle")).toEqual(["m1"]);
    await store.commit([say("m4", "other words"), say("m5", "needle again")]);
    index();
    expect(find("two")).toEqual([]);
    expect(find("needle")).toEqual(["m5", "m1"]);
    expect(find("other")).toEqual(["m4"]);
    await store.commit([event.deleted("S")]);
    index();
    expect(queries.integrity()).toEqual([]);
    const db = new Database(path, { readonly: true });
    for (const table of ["search_docsize", "search_later"])
      expect(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()).toEqual({ n: 0 });
    db.close();
  });

  test("that is damaged is told with the next acknowledgement, and commits go on", async () => {
    const { store, writer, path, queries } = await openIndexed();
    const db = new Database(path).unsafeMode();
    db.exec("DELETE FROM search_config; DELETE FROM search_data");
    db.close();
    await store.commit([say("m1", "needle")]);
    expect(writer.idle()).toBe(false);
    const ack = writer.commit({ rows: [{ row: "event", event: say("m2", "after") }] });
    expect(ack).toMatchObject({ failed: [], indexFailed: expect.stringContaining(path) });
    expect(queries.messages("S", { limit: 5 }).messages.map(({ id }) => id)).toEqual(["m1", "m2"]);
    expect(writer.commit({ rows: [] }).indexFailed).toBeUndefined();
  });
});
