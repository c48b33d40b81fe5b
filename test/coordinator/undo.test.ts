import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type TimeRig, timeRig } from "./support/time.ts";

let rig: TimeRig & { session: string };
beforeEach(async () => {
  rig = await timeRig();
});
afterEach(() => rig.close());

const at = (name: string): string => path.join(rig.workspace, name);
const read = (name: string): string | undefined => (fs.existsSync(at(name)) ? fs.readFileSync(at(name), "utf8") : undefined);
const put = (name: string, text: string): void => fs.writeFileSync(at(name), text);
const write = (name: string, text: string) => rig.turn((files) => files.write(at(name), text));
const undo = (more: object = {}) => rig.h.request("session.undo", { session: rig.session, ...more });
const redo = (more: object = {}) => rig.h.request("session.redo", { session: rig.session, ...more });
const leftovers = (): string[] => (fs.readdirSync(rig.workspace, { recursive: true }) as string[]).filter((name) => name.includes(".tmp"));

describe("undo of a turn", () => {
  test("a preview lists the files and touches none", async () => {
    put("a.txt", "before\n");
    const turn = await write("a.txt", "after\n");
    const preview = await undo({ preview: true });
    expect(preview).toEqual({
      applied: false,
      turns: [turn],
      files: [{ path: at("a.txt"), change: "put", state: "ready", additions: 0, removals: 0, diff: "" }],
      notes: [],
      prompt: "do it",
    });
    expect(read("a.txt")).toBe("after\n");
  });

  test("what was there comes back with its mode, what was made goes with its directories, and a redo brings all of it again", async () => {
    put("old.sh", "#!/bin/sh\n");
    fs.chmodSync(at("old.sh"), 0o755);
    await rig.turn(async (files) => {
      await files.write(at("old.sh"), "one");
      await files.write(at("old.sh"), "two");
      await files.write(at("deep/er/new.txt"), "new");
    });
    const done = await undo();
    expect(done.files.map(({ change, state }) => [change, state])).toEqual([
      ["put", "done"],
      ["remove", "done"],
    ]);
    expect(read("old.sh")).toBe("#!/bin/sh\n");
    expect(fs.statSync(at("old.sh")).mode & 0o777).toBe(0o755);
    expect(fs.existsSync(at("deep"))).toBe(false);
    await redo();
    expect([read("old.sh"), read("deep/er/new.txt")]).toEqual(["two", "new"]);
    expect(fs.statSync(at("old.sh")).mode & 0o777).toBe(0o755);
    await undo();
    expect([read("old.sh"), fs.existsSync(at("deep"))]).toEqual(["#!/bin/sh\n", false]);
    expect(leftovers()).toEqual([]);
  });

  test("a directory that somebody else has put something into stays", async () => {
    await write("deep/new.txt", "new");
    put("deep/mine.txt", "mine");
    await undo();
    expect(fs.readdirSync(at("deep"))).toEqual(["mine.txt"]);
  });

  test("a file that was changed since is left and told; forced, it goes back, and a redo brings the change again", async () => {
    put("a.txt", "before");
    await rig.turn(async (files) => {
      await files.write(at("a.txt"), "after");
      await files.write(at("b.txt"), "b");
    });
    put("a.txt", "by hand");
    expect((await undo({ preview: true })).files.find(({ path: file }) => file === at("a.txt"))).toMatchObject({
      state: "conflict",
      why: "it was changed since",
    });
    await undo();
    expect([read("a.txt"), read("b.txt")]).toEqual(["by hand", undefined]);
    await redo();
    expect([read("a.txt"), read("b.txt")]).toEqual(["by hand", "b"]);
    await undo({ force: [at("a.txt")] });
    expect([read("a.txt"), read("b.txt")]).toEqual(["before", undefined]);
    await redo();
    expect([read("a.txt"), read("b.txt")]).toEqual(["by hand", "b"]);
  });

  test("a file that was written by somebody else in the middle of the turn is a conflict", async () => {
    put("a.txt", "before");
    await rig.turn(async (files) => {
      await files.write(at("a.txt"), "one");
      put("a.txt", "by hand");
      await files.write(at("a.txt"), "two");
    });
    const { files } = await undo();
    expect(files[0]).toMatchObject({ state: "conflict", why: expect.stringContaining("between") });
    expect(read("a.txt")).toBe("two");
  });

  test("a removed file, and one in whose place a link or a directory stands, are conflicts that even force leaves alone unless it is only gone", async () => {
    await rig.turn(async (files) => {
      for (const name of ["gone", "link", "directory"]) await files.write(at(name), name);
    });
    put("target", "link");
    for (const name of ["gone", "link", "directory"]) fs.rmSync(at(name));
    fs.symlinkSync(at("target"), at("link"));
    fs.mkdirSync(at("directory"));
    const { files } = await undo({ force: [at("gone"), at("link"), at("directory")] });
    expect(files.map(({ state, change }) => [state, change])).toEqual([
      ["ready", "none"],
      ["conflict", "remove"],
      ["conflict", "remove"],
    ]);
    expect(fs.readlinkSync(at("link"))).toBe(at("target"));
    expect(read("target")).toBe("link");
  });

  test("nothing is written through a directory that has become a link, whoever asks", async () => {
    fs.mkdirSync(at("dir"));
    put("dir/a.txt", "before");
    await write("dir/a.txt", "after");
    fs.renameSync(at("dir"), at("moved"));
    fs.symlinkSync(at("moved"), at("dir"));
    const { files } = await undo({ force: [at("dir/a.txt")] });
    expect(files).toMatchObject([{ state: "conflict", why: "a link stands there now" }]);
    expect(read("moved/a.txt")).toBe("after");
  });

  test("a file too big for a version is told as lost and left", async () => {
    fs.writeFileSync(at("big"), Buffer.alloc(17 << 20, 1));
    await write("big", "small");
    expect((await undo()).files).toMatchObject([{ state: "lost", why: expect.stringContaining("too big") }]);
    expect(read("big")).toBe("small");
  });

  test("so is one whose version had to make room for newer ones", async () => {
    const small = await timeRig({ blobBytesMax: 4_000 });
    const file = (name: string): string => path.join(small.workspace, name);
    for (const name of ["a", "b"]) fs.writeFileSync(file(name), name.repeat(3_000));
    await small.turn((files) => files.write(file("a"), "new a"));
    await small.turn((files) => files.write(file("b"), "new b"));
    for (const state of ["done", "lost"])
      expect((await small.h.request("session.undo", { session: small.session })).files).toMatchObject([{ state }]);
    expect([fs.readFileSync(file("a"), "utf8"), fs.readFileSync(file("b"), "utf8")]).toEqual(["new a", "b".repeat(3_000)]);
    await small.close();
  });

  test("a link to a file stays a link", async () => {
    put("real.txt", "before");
    fs.symlinkSync(at("real.txt"), at("link.txt"));
    await write("link.txt", "after");
    expect(read("real.txt")).toBe("after");
    await undo();
    expect([read("real.txt"), fs.readlinkSync(at("link.txt"))]).toEqual(["before", at("real.txt")]);
  });

  test("what a command makes of a file that the turn has written goes back too; of other files it is told that it does not", async () => {
    put("a.txt", "before");
    put("other.txt", "before");
    await rig.turn(async (files) => {
      await files.write(at("a.txt"), "after");
      const ended = files.commandBegins!();
      put("a.txt", "formatted");
      put("other.txt", "formatted");
      await ended();
    });
    await rig.turn(async () => {}, { command: true });
    await undo();
    const { files } = await undo();
    expect(files.map(({ path: file }) => file)).toEqual([at("a.txt")]);
    expect([read("a.txt"), read("other.txt")]).toEqual(["before", "formatted"]);
  });

  test("a turn with commands says what its undo does not cover", async () => {
    await rig.turn(async () => {}, { command: true });
    expect((await undo({ preview: true })).notes).toEqual([expect.stringContaining("1 shell command ran")]);
  });

  test("a write that failed is no write", async () => {
    put("a.txt", "before");
    await rig.turn(async (files) => {
      await files.write(at("a.txt"), "after");
      await files.write(at("a.txt/not-possible"), "x").catch(() => {});
    });
    await undo();
    expect(read("a.txt")).toBe("before");
  });
});

describe("what was said", () => {
  test("messages of an undone turn stay, marked, and the session's context and the next redo follow", async () => {
    await write("a.txt", "1");
    const turn = await write("a.txt", "2");
    await undo();
    const { messages } = await rig.h.request("session.messages", { session: rig.session });
    expect(messages.filter(({ undone }) => undone).every((message) => message.turn === turn)).toBe(true);
    expect(messages.filter(({ undone }) => undone).map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant"]);
    expect(read("a.txt")).toBe("1");
    await redo();
    expect((await rig.h.request("session.messages", { session: rig.session })).messages.some(({ undone }) => undone)).toBe(false);
  });

  test("one undo after the other goes back turn by turn, and redo the same way forth", async () => {
    for (const text of ["1", "2", "3"]) await write("a.txt", text);
    const seen: (string | undefined)[] = [];
    for (let i = 0; i < 3; i++) {
      await undo();
      seen.push(read("a.txt"));
    }
    await expect(undo()).rejects.toMatchObject({ code: "not_found" });
    for (let i = 0; i < 3; i++) {
      await redo();
      seen.push(read("a.txt"));
    }
    await expect(redo()).rejects.toMatchObject({ code: "not_found" });
    expect(seen).toEqual(["2", "1", undefined, "1", "2", "3"]);
  });

  test("after another turn there is nothing to redo", async () => {
    await write("a.txt", "1");
    await undo();
    await write("a.txt", "2");
    await expect(redo()).rejects.toMatchObject({ code: "conflict" });
    expect(read("a.txt")).toBe("2");
  });

  test("subscribers are told, and a replay tells the same", async () => {
    const turn = await write("a.txt", "1");
    await rig.h.request("session.subscribe", { session: rig.session, after: 0 });
    await undo();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(rig.h.peer.events.filter(({ kind }) => kind === "turn.undone").map(({ data }) => data)).toMatchObject([
      { turn: { id: turn, undone: true } },
    ]);
  });

  test("while a turn runs nothing is undone", async () => {
    await write("a.txt", "1");
    rig.h.workers.answer = () => undefined;
    await rig.h.request("session.prompt", { session: rig.session, text: "wait" });
    await expect(undo()).rejects.toMatchObject({ code: "conflict" });
    await rig.h.request("session.cancel", { session: rig.session });
  });
});

describe("rewind and fork", () => {
  const messages = async (session = rig.session) => (await rig.h.request("session.messages", { session })).messages;

  test("rewinding to a prompt undoes it and all after it as one, and one redo brings them back", async () => {
    for (const text of ["1", "2", "3"]) await write("a.txt", text);
    const prompts = (await messages()).filter(({ role }) => role === "user");
    const result = await rig.h.request("session.rewind", { session: rig.session, message: prompts[1]!.id });
    expect(result).toMatchObject({ applied: true, prompt: "do it", turns: [prompts[1]!.turn, prompts[2]!.turn] });
    expect(read("a.txt")).toBe("1");
    await redo();
    expect(read("a.txt")).toBe("3");
  });

  test("rewinding to an answer keeps its turn", async () => {
    for (const text of ["1", "2"]) await write("a.txt", text);
    const answer = (await messages()).find(({ role }) => role === "assistant")!;
    await rig.h.request("session.rewind", { session: rig.session, message: answer.id });
    expect(read("a.txt")).toBe("1");
    await expect(rig.h.request("session.rewind", { session: rig.session, message: answer.id })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  test("a fork has the history up to the message under ids of its own, without what was undone, and touches no file", async () => {
    for (const text of ["1", "2", "3"]) await write("a.txt", text);
    await undo();
    const all = await messages();
    const { session, prompt } = await rig.h.request("session.fork", { session: rig.session });
    expect(prompt).toBeUndefined();
    const copied = await messages(session.id);
    expect(copied.map(({ role, parts }) => [role, parts.map((part) => part.kind)])).toEqual(
      all.filter(({ undone }) => !undone).map(({ role, parts }) => [role, parts.map((part) => part.kind)]),
    );
    expect(copied.some(({ id }) => all.some((one) => one.id === id))).toBe(false);
    expect(session).toMatchObject({ parent: rig.session, messageCount: copied.length, usage: { cost: 0, input: 0 }, contextTokens: 110 });
    expect(read("a.txt")).toBe("2");
    // Its turns have no files: undoing one of them is about words only.
    expect(await rig.h.request("session.undo", { session: session.id })).toMatchObject({ files: [] });
    expect(read("a.txt")).toBe("2");
  });

  test("a fork at a prompt ends before it and gives its words", async () => {
    for (const text of ["1", "2"]) await write("a.txt", text);
    const all = await messages();
    const second = all.filter(({ role }) => role === "user")[1]!;
    const { session, prompt } = await rig.h.request("session.fork", { session: rig.session, message: second.id });
    expect([prompt, session.messageCount]).toEqual(["do it", all.indexOf(second)]);
  });

  test("a fork at an answer with calls takes their results along", async () => {
    await write("a.txt", "1");
    const answer = (await messages()).find(({ role }) => role === "assistant")!;
    const { session } = await rig.h.request("session.fork", { session: rig.session, message: answer.id });
    expect((await messages(session.id)).map(({ role }) => role)).toEqual(["user", "assistant", "tool"]);
  });
});
