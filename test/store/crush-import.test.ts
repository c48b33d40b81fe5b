import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { type CrushPart, makeCrushDatabase } from "../support/crush-database.ts";
import { stageCrush } from "../../src/store/time/stage.ts";
import { type Opened, openAll } from "./support.ts";

let ours: Opened;
let file: string;
let crush: ReturnType<typeof makeCrushDatabase>;
beforeEach(async () => {
  ours = await openAll();
  file = path.join(path.dirname(ours.path), "theirs", "crush.db");
  fs.mkdirSync(path.dirname(file));
  crush = makeCrushDatabase(file);
});

const said = (text: string): CrushPart => ({ type: "text", data: { text } });
const finish = (reason: string, more = {}): CrushPart => ({ type: "finish", data: { reason, time: 1, ...more } });
const bring = async (name = file) => {
  const staged = await stageCrush(name);
  try {
    const from = { file: staged.file, name, workspace: "/theirs" };
    const { ids } = await ours.store.importCrush(from);
    const answers = [];
    for (const session of ids) answers.push(await ours.store.importCrush({ ...from, session }));
    return {
      sessions: answers.flatMap(({ sessions }) => sessions),
      notes: answers.flatMap(({ notes }) => notes),
      more: answers.some(({ more }) => more),
    };
  } finally {
    await staged.close();
  }
};
const conversation = () => {
  crush.session("s1", { title: "Fix it" });
  crush.message("m1", "s1", "user", [
    said("look at a.ts"),
    { type: "binary", data: { Path: "a.png", MIMEType: "image/png", Data: "AAEC" } },
  ]);
  crush.message("m2", "s1", "assistant", [
    { type: "reasoning", data: { thinking: "hm", signature: "sig" } },
    said("I look."),
    { type: "tool_call", data: { id: "c1", name: "view", input: '{"file_path":"a.ts"}', finished: true } },
    finish("tool_use"),
  ]);
  crush.message("m3", "s1", "tool", [
    { type: "tool_result", data: { tool_call_id: "c1", name: "view", content: "const a = 1;", is_error: false } },
    { type: "tool_result", data: { tool_call_id: "c2", name: "ls", content: "no", is_error: true } },
  ]);
  crush.message("m4", "s1", "assistant", [said("It is fine."), finish("end_turn")]);
  crush.message("m5", "s1", "user", [said("thanks"), { type: "shell_command", data: { command: "ls", output: "a.ts", exit_code: 0 } }]);
};

describe("a session of Crush", () => {
  test("comes with all that was said, its times, its cost and its turns", async () => {
    conversation();
    crush.close();
    const { sessions, notes } = await bring();
    expect({ sessions, notes }).toEqual({ sessions: [{ id: expect.any(String), title: "Fix it", messages: 5, state: "new" }], notes: [] });
    const { id } = sessions[0]!;
    const session = ours.queries.session(id)!;
    expect(session).toMatchObject({ title: "Fix it", workspace: "/theirs", messageCount: 5, contextTokens: 1000, status: "idle" });
    expect([session.usage.cost, session.usage.input, session.usage.output, session.createdAt]).toEqual([0.25, 900, 100, 1_750_000_001_000]);
    expect(Math.floor(session.updatedAt)).toBe(1_750_000_101_000);
    const { messages } = ours.queries.messages(id, { limit: 10 });
    expect(messages.map(({ role, parts }) => [role, ...parts.map((part) => part.kind)])).toEqual([
      ["user", "text", "file"],
      ["assistant", "reasoning", "text", "tool_call"],
      ["tool", "tool_result", "tool_result"],
      ["assistant", "text"],
      ["user", "text", "text"],
    ]);
    expect(messages[0]!.parts[1]).toMatchObject({ path: "a.png", mime: "image/png", bytes: 3 });
    expect(messages[1]).toMatchObject({ finish: "tool_use", model: { provider: "sim", model: "big" } });
    expect(messages[1]!.parts[0]).not.toHaveProperty("signature");
    expect(messages[2]!.parts[1]).toMatchObject({ call: "c2", isError: true, text: "no" });
    expect(messages[4]!.parts[1]).toMatchObject({ text: "$ ls\na.ts" });
    expect(ours.queries.turns(id, 10).map(({ status, message }) => [status, messages.findIndex((one) => one.id === message)])).toEqual([
      ["ok", 4],
      ["ok", 0],
    ]);
    expect(ours.queries.integrity()).toEqual([]);
  });

  test("a second import adds what is new and nothing twice; what was deleted here stays deleted", async () => {
    conversation();
    const first = await bring();
    expect(await bring()).toEqual({ sessions: [{ ...first.sessions[0], messages: 0, state: "known" }], notes: [], more: false });
    crush.message("m6", "s1", "assistant", [said("You are welcome."), finish("end_turn")]);
    crush.session("s2");
    expect((await bring()).sessions.map(({ state, messages }) => [state, messages])).toEqual([
      ["grown", 1],
      ["new", 0],
    ]);
    const { id } = first.sessions[0]!;
    const { messages } = ours.queries.messages(id, { limit: 10 });
    expect([messages.length, messages[5]!.turn]).toEqual([6, messages[4]!.turn]);
    await ours.store.commit([{ session: id, kind: "session.deleted", data: { session: id } }]);
    expect((await bring()).sessions.map(({ state }) => state)).toEqual(["deleted", "known"]);
    expect(ours.queries.integrity()).toEqual([]);
    crush.close();
  });

  test("an answer that is not finished comes with a later import; a broken row loses its parts only", async () => {
    crush.session("s1");
    crush.message("m1", "s1", "user", "no json");
    crush.message("m2", "s1", "user", [said("go"), { type: "hologram", data: {} }]);
    crush.message("m3", "s1", "assistant", [said("half")], { finished_at: null });
    crush.close();
    const { sessions, notes } = await bring();
    expect(sessions[0]!.messages).toBe(2);
    expect(notes).toEqual([expect.stringContaining("2 parts of a kind that is not known")]);
  });

  test("a long one comes in pieces, and is whole and in order in the end", async () => {
    crush.session("s1");
    for (let i = 0; i < 1_100; i++) crush.message(`m${i}`, "s1", i % 2 === 0 ? "user" : "assistant", [said(`${i}`), finish("end_turn")]);
    crush.close();
    const pieces = [await bring(), await bring(), await bring()];
    expect(pieces.map(({ sessions, more }) => [sessions[0]!.messages, more])).toEqual([
      [500, true],
      [500, true],
      [100, false],
    ]);
    const { messages } = ours.queries.messages(pieces[0]!.sessions[0]!.id, { limit: 2_000 });
    expect(messages.map(({ parts }) => (parts[0] as { text: string }).text)).toEqual(Array.from({ length: 1_100 }, (_, i) => `${i}`));
    expect(new Set(messages.map(({ turn }) => turn)).size).toBe(550);
    expect(ours.queries.integrity()).toEqual([]);
  });

  test("sessions of its agents come as what they are: of the parent, and in no list", async () => {
    crush.session("child", { parent_session_id: "s1" });
    crush.session("s1");
    crush.close();
    const { sessions } = await bring();
    expect(ours.queries.sessions({ limit: 10 }).map(({ id }) => id)).toEqual([sessions[0]!.id]);
    expect(ours.queries.agentSessions(sessions[0]!.id).map(({ id }) => id)).toEqual([sessions[1]!.id]);
  });
});

describe("the file", () => {
  const state = () =>
    fs.readdirSync(path.dirname(file)).map((name) => [
      name,
      createHash("sha256")
        .update(fs.readFileSync(path.join(path.dirname(file), name)))
        .digest("hex"),
    ]);

  test("is as it was afterwards, byte for byte, with nothing beside it", async () => {
    conversation();
    crush.close();
    const before = state();
    await bring();
    expect(state()).toEqual(before);
    expect(before.map(([name]) => name)).toEqual(["crush.db"]);
  });

  test("is read while Crush has it open, with what is only in its log yet", async () => {
    conversation();
    expect((await bring()).sessions[0]!.messages).toBe(5);
    crush.close();
  });

  test("that is not there, or not Crush's, is refused in words, and our store goes on", async () => {
    crush.close();
    await expect(bring(`${file}x`)).rejects.toMatchObject({ message: expect.stringContaining("does not exist") });
    await expect(bring(ours.path)).rejects.toMatchObject({ message: expect.stringContaining(`${ours.path} is not a database of Crush`) });
    fs.writeFileSync(file, "hello");
    await expect(bring()).rejects.toMatchObject({ message: expect.stringContaining(`${file} cannot be read`) });
    await ours.store.flush();
    expect(ours.queries.integrity()).toEqual([]);
  });
});
