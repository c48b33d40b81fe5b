import { expect, test } from "vitest";
import { shellOutputMime, type Message } from "../../src/protocol/index.ts";
import { session, Stage, turn, user } from "./support.ts";

const shellMessage = (output: string, code = 0): Message => ({
  ...user("x1", `$ make all\n(run by the user in the shell: exit code ${code})`),
  id: "sh1",
  parts: [
    { id: "a", index: 0, kind: "text", text: `$ make all\n(run by the user in the shell: exit code ${code})` },
    { id: "b", index: 1, kind: "file", path: "output", mime: shellOutputMime, bytes: output.length, text: output },
  ],
});
const replies = { "session.shell": () => ({ message: "sh1", job: "001" }), "job.kill": () => ({}) };

test("a line that begins with ! runs in the shell: its output is shown as it comes, and stays in the transcript", async () => {
  const stage = new Stage({ session: "s1", rows: 30, replies });
  await stage.settle();
  await stage.type("!make all\r");
  expect(stage.host.of("session.shell")).toEqual([{ session: "s1", command: "make all" }]);
  expect(stage.host.of("session.prompt")).toEqual([]);
  stage.latest({ type: "progress", session: "s1", call: "sh1", tail: "compiling a.c\n", bytes: 14, ms: 10 });
  expect(stage.paint()).toContain("! make all");
  expect(stage.paint()).toContain("compiling a.c");
  stage.event({ kind: "message.created", data: { message: shellMessage("compiling a.c\nok", 2) } });
  const screen = stage.paint();
  expect(screen).toContain("┃ ! make all");
  expect(screen).toContain("ok");
  expect(screen).toContain("exit code 2");
  expect(screen).not.toContain("esc esc ends it");
  expect(screen).not.toContain("run by the user");
});

test("escape twice ends the command that runs", async () => {
  const stage = new Stage({ session: "s1", rows: 30, replies });
  await stage.settle();
  await stage.type("!sleep 9\r");
  await stage.type("\x1b");
  await stage.host.pass(50);
  expect(await stage.settle()).toContain("Press esc again to end the command");
  await stage.type("\x1b");
  await stage.host.pass(50);
  expect(stage.host.of("job.kill")).toEqual([{ job: "001" }]);
});

test("on the landing page a session is made for it; a failed one comes back to the editor", async () => {
  const stage = new Stage({ replies: { "session.shell": () => Promise.reject(new Error("no shell")) } });
  await stage.settle();
  const screen = await stage.type("!ls\r");
  expect(stage.host.requests.map(({ method }) => method).filter((method) => /create|shell/.test(method))).toEqual([
    "session.create",
    "session.shell",
  ]);
  expect(screen).toContain("> !ls");
  expect(screen).toContain("no shell");
});

test("a long output shows its end until it is opened, and its command is no prompt of the history", async () => {
  const lines = Array.from({ length: 40 }, (_, at) => `line ${at}`).join("\n");
  const stage = new Stage({ session: "s1", rows: 40, messages: [shellMessage(lines)] });
  const screen = await stage.settle();
  expect(screen).toContain("line 39");
  expect(screen).toContain("… 30 more lines");
  expect(screen).not.toMatch(/line 5\b/);
  expect(await stage.type("\x1b[A")).not.toContain("> $ make all");
});

test("alt+s says the text to the running turn", async () => {
  const stage = new Stage({ session: "s1", rows: 30, turns: [turn("t1", "running")] });
  await stage.settle();
  await stage.type("in French\x1bs");
  expect(stage.host.of("session.prompt")).toEqual([{ session: "s1", text: "in French", steer: true }]);
});

test("the jobs of the session are listed, their output is shown while it grows, and one can be ended; nothing ticks when it is closed", async () => {
  let output = "first";
  let running = true;
  const job = () => ({ id: "001", command: "npm run watch", startedAt: 1_000_000, running, bytes: output.length });
  const stage = new Stage({
    session: "s1",
    rows: 30,
    replies: {
      "job.list": () => ({ jobs: [job()] }),
      "job.output": () => ({ job: job(), output, cut: false }),
      "job.kill": () => {
        running = false;
        return {};
      },
    },
  });
  await stage.settle();
  expect(await stage.type("/jobs\r")).toContain("npm run watch");
  expect(await stage.type("\r")).toContain("first");
  output = "first\nsecond";
  await stage.host.pass(600);
  expect(await stage.settle()).toContain("second");
  expect(await stage.type("\x18")).toContain("ended");
  await stage.type("q");
  await stage.type("\x1b");
  await stage.host.pass(50);
  await stage.settle();
  await stage.host.pass(3_000);
  expect(stage.host.timersRunning).toBe(0);
  expect(stage.host.of("job.kill")).toEqual([{ job: "001" }]);
});

test("the agents of the session are listed, and one's work can be looked at", async () => {
  const child = { ...session({ title: "find the parser" }), id: "s2", parent: "s1", agent: "task" };
  const stage = new Stage({
    session: "s1",
    rows: 30,
    replies: { "session.list": ({ parent }) => ({ sessions: parent === "s1" ? [child] : [] }) },
  });
  await stage.settle();
  expect(await stage.type("/agents\r")).toContain("find the parser");
  await stage.type("\r");
  expect(stage.host.of("screen.show").at(-1)).toMatchObject({ session: "s2" });
});
