import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { createJobs } from "../../src/process/index.ts";
import { shellOutputMime } from "../../src/protocol/index.ts";
import { harness, settle, tool } from "./support/harness.ts";

const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "crush-shell-")));
const jobs = createJobs({ directory: path.join(root, "jobs"), environment: () => ({ base: process.env }) });
afterAll(async () => {
  await jobs.close();
  fs.rmSync(root, { recursive: true, force: true });
});

async function opened(env: Record<string, string> = {}) {
  const h = await harness({ jobs, env, tools: [tool("echo")], toolContext: async () => ({ jobs }) as never });
  const { session } = await h.request("session.create", { workspace: root, title: "Shell" });
  await h.request("session.subscribe", { session: session.id, after: 0 });
  return { h, session: session.id };
}
const until = async (what: () => boolean): Promise<void> => {
  for (let at = 0; at < 500 && !what(); at++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(what()).toBe(true);
};
const said = ({ store }: Awaited<ReturnType<typeof opened>>["h"], session: string) => store.conversation(session);

test("a command of the user's runs in the workspace without the model, and what it printed is a message for the next prompt", async () => {
  const { h, session } = await opened();
  const { message, job } = await h.request("session.shell", { session, command: "pwd; echo oops >&2; exit 3" });
  await until(() => said(h, session).length === 1);
  expect(said(h, session)).toMatchObject([
    {
      id: message,
      role: "user",
      parts: [
        { kind: "text", text: "$ pwd; echo oops >&2; exit 3\n(run by the user in the shell: exit code 3)" },
        { kind: "file", mime: shellOutputMime, text: `${root}\noops` },
      ],
    },
  ]);
  expect(h.workers.all("completion.start")).toEqual([]);
  expect(h.peer.kinds()).not.toContain("turn.started");
  expect((await h.request("job.list", { session })).jobs).toMatchObject([
    { id: job, command: "pwd; echo oops >&2; exit 3", running: false },
  ]);
  expect(await h.request("job.output", { job })).toMatchObject({ output: `${root}\noops`, cut: false, job: { exitCode: 3 } });
});

test("it runs beside a turn and is no part of it", async () => {
  const { h, session } = await opened();
  const { turn } = await h.request("session.prompt", { session, text: "go" });
  await settle();
  await h.request("session.shell", { session, command: "echo beside" });
  await until(() => said(h, session).some(({ parts }) => JSON.stringify(parts).includes("beside")));
  h.workers.end(h.workers.all("completion.start")[0]!, { text: "Done." });
  await settle();
  expect(said(h, session).filter((message) => message.turn !== turn)).toHaveLength(1);
  expect(h.workers.all("completion.start")).toHaveLength(1);
});

test("what it prints is bounded, head and tail, and killing its job ends it", async () => {
  const { h, session } = await opened();
  await h.request("session.shell", { session, command: "yes line | head -100000; echo the end" });
  await until(() => said(h, session).length === 1);
  const [, output] = said(h, session)[0]!.parts;
  expect(JSON.stringify(output).length).toBeLessThan(100_000);
  expect(output).toMatchObject({ text: expect.stringMatching(/the end$/) });

  const { job } = await h.request("session.shell", { session, command: "sleep 60" });
  await h.request("job.kill", { job });
  await until(() => said(h, session).length === 2);
  await expect(h.request("job.output", { job: "FFF" })).rejects.toMatchObject({ code: "not_found" });
});

test("another shell of the user's gets the command as it was typed", async () => {
  const shell = path.join(root, "mysh");
  fs.writeFileSync(shell, '#!/bin/sh\necho "mine: $2"\n', { mode: 0o755 });
  const { h, session } = await opened({ SHELL: shell });
  await h.request("session.shell", { session, command: `echo "it's" $HOME` });
  await until(() => said(h, session).length === 1);
  expect(said(h, session)[0]!.parts[1]).toMatchObject({ text: `mine: echo "it's" $HOME` });
});

test("whoever may not approve may not run commands", async () => {
  const { h, session } = await opened();
  await expect(h.connect("drive").port.request("session.shell", { session, command: "true" })).rejects.toMatchObject({ code: "forbidden" });
  await expect(h.request("session.shell", { session, command: "  " })).rejects.toMatchObject({ code: "bad_request" });
});
