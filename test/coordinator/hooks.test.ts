import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { HookConfig } from "../../src/contracts/config.ts";
import type { ToolIntent } from "../../src/contracts/tool.ts";
import { createSpawn } from "../../src/process/index.ts";
import { alive, until } from "../support/product.ts";
import { completed, config, type Harness, harness, results, settle, tool } from "./support/harness.ts";

let root: string;
beforeEach(() => {
  root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "crush-hooks-")));
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

const write: ToolIntent = { action: "write", path: "/elsewhere/a.txt", title: "write a.txt" };
const hook = (command: string, more: Partial<HookConfig> = {}): HookConfig => ({
  event: "PreToolUse",
  command,
  timeoutMs: 10_000,
  ...more,
});
const says = (value: unknown): string => `echo '${JSON.stringify(value)}'`;

type Options = { intent?: ToolIntent; input?: unknown; yolo?: boolean; headless?: boolean; plan?: boolean; env?: Record<string, string> };
/** One turn that calls `edit` once, with these hooks. */
async function turn(
  hooks: HookConfig[],
  { intent, input = { value: "v" }, yolo, headless, plan, env }: Options = {},
): Promise<{
  h: Harness;
  session: string;
  ran: string[];
  result: () => { text: string; isError: boolean } | undefined;
}> {
  const ran: string[] = [];
  const spawn = createSpawn({ environment: () => env ?? { PATH: process.env.PATH } });
  const h = await harness({
    config: config({ hooks }),
    tools: [
      tool("edit", {
        intent: intent ?? write,
        run: async (value) => {
          ran.push(value);
          return { text: `did ${value}` };
        },
      }),
    ],
    toolContext: async () =>
      ({ spawn, files: { workspace: root, resolve: async (path: string) => ({ path, real: path, inside: true }) } }) as never,
  });
  const session = await h.session({ workspace: root, ...(yolo && { yolo }), ...(plan && { plan }) });
  let count = 0;
  h.workers.answer = () => (count++ === 0 ? { calls: [{ call: "c", name: "edit", input: JSON.stringify(input) }] } : { text: "I go on." });
  await h.request("session.prompt", { session, text: "go", ...(headless && { options: { headless } }) });
  await until(
    async () => completed(h.store, session).length > 0 || (await h.request("permission.list", { session })).permissions.length > 0,
  );
  await settle();
  return { h, session, ran, result: () => results(h.store, session).get("c")?.[0] };
}
const meta = (h: Harness, session: string) =>
  h.store
    .conversation(session)
    .flatMap(({ parts }) => parts)
    .find((part) => part.kind === "tool_result")?.meta;
const asked = async (h: Harness, session: string) => (await h.request("permission.list", { session })).permissions;

test("a hook gets the call as one line of JSON and in its environment, in the workspace, without secrets", async () => {
  const file = path.join(root, "seen");
  await turn(
    [hook(`read -r line; echo "$line" > ${file}; pwd >> ${file}; env | grep -E '^(CRUSH|AGENT|AI_AGENT|MY_|BASH_ENV)' | sort >> ${file}`)],
    {
      yolo: true,
      input: { value: "v", command: "rm -rf /", file_path: "a.txt" },
      env: { PATH: process.env.PATH!, MY_SECRET: "s3cret", MY_PLACE: "here", BASH_ENV: "/evil" },
    },
  );
  const [json, cwd, ...env] = fs.readFileSync(file, "utf8").trim().split("\n");
  expect(JSON.parse(json!)).toMatchObject({
    event: "PreToolUse",
    cwd: root,
    tool_name: "edit",
    tool_input: { value: "v", command: "rm -rf /", file_path: "a.txt" },
  });
  expect(cwd).toBe(root);
  expect(env.map((line) => line.replace(/SESSION_ID=.+/, "SESSION_ID=…"))).toEqual([
    "AGENT=crush",
    "AI_AGENT=crush",
    "CRUSH=1",
    `CRUSH_CWD=${root}`,
    "CRUSH_EVENT=PreToolUse",
    `CRUSH_PROJECT_DIR=${root}`,
    "CRUSH_SESSION_ID=…",
    "CRUSH_TOOL_INPUT_COMMAND=rm -rf /",
    "CRUSH_TOOL_INPUT_FILE_PATH=a.txt",
    "CRUSH_TOOL_NAME=edit",
    "MY_PLACE=here",
  ]);
});

test("exit code 2 blocks the call with what was said on standard error, in yolo mode too, and the turn goes on", async () => {
  const { h, session, ran, result } = await turn([hook("echo 'not on a Friday' >&2; exit 2", { name: "friday" })], { yolo: true });
  expect(ran).toEqual([]);
  expect(result()).toEqual({ text: "A hook blocked this call: not on a Friday", isError: true });
  expect(meta(h, session)).toMatchObject({ denied: true, hooks: [{ name: "friday", said: "denied", text: "not on a Friday" }] });
  expect(completed(h.store, session)[0]!.data.turn).toMatchObject({ status: "ok", completions: 2 });
});

test.each([
  ["exit code 49", "echo enough >&2; exit 49"],
  ["halt in Crush's format", says({ halt: true, reason: "enough" })],
  ["continue: false in Claude's format", says({ continue: false, stopReason: "enough" })],
])("%s ends the turn", async (_, command) => {
  const { h, session, ran } = await turn([hook(command)], { yolo: true });
  expect(ran).toEqual([]);
  expect(completed(h.store, session)[0]!.data.turn).toMatchObject({
    status: "failed",
    cause: "hook",
    reason: "A hook stopped the turn: enough",
    completions: 1,
  });
});

test.each([
  ["Crush's format", { decision: "deny", reason: "no" }],
  ["Claude's format", { hookSpecificOutput: { hookEventName: "PreToolUse", permissionDecision: "deny", permissionDecisionReason: "no" } }],
  ["Claude's older format", { decision: "block", reason: "no" }],
])("a denial in %s blocks the call", async (_, said) => {
  const { ran, result } = await turn([hook(says(said))], { yolo: true });
  expect(ran).toEqual([]);
  expect(result()).toEqual({ text: "A hook blocked this call: no", isError: true });
});

test.each([
  ["Crush's format", { decision: "allow" }],
  ["Claude's format", { hookSpecificOutput: { permissionDecision: "allow" } }],
])("allowed in %s, the call runs without a question, headless too", async (_, said) => {
  for (const headless of [false, true]) {
    const { h, session, ran } = await turn([hook(says(said), { name: "yes" })], { headless });
    expect(ran).toEqual(["v"]);
    expect(h.peer.kinds()).not.toContain("permission.asked");
    expect(meta(h, session)).toMatchObject({ hooks: [{ name: "yes", said: "allowed" }] });
  }
});

test("what the policy or plan mode refuses stays refused whatever a hook allows", async () => {
  const yes = [hook(says({ decision: "allow", updated_input: { value: "w" } }))];
  const sudo = await turn(yes, { intent: { action: "execute", command: "sudo rm", title: "sudo" } });
  expect(sudo.ran).toEqual([]);
  expect(sudo.result()).toEqual({ text: "sudo is never run", isError: true });
  const planned = await turn(yes, { plan: true });
  expect(planned.ran).toEqual([]);
  expect(planned.result()?.text).toContain("Plan mode");
});

test("ask in Claude's format has the user asked where the policy would not, with the hook's reason; headless it is a denial", async () => {
  const hooks = [hook(says({ hookSpecificOutput: { permissionDecision: "ask", permissionDecisionReason: "touches prod" } }))];
  const { h, session, ran } = await turn(hooks, { yolo: true });
  expect(await asked(h, session)).toMatchObject([{ tool: "edit", why: "a hook asks: touches prod" }]);
  expect(ran).toEqual([]);
  const headless = await turn(hooks, { yolo: true, headless: true });
  expect(headless.ran).toEqual([]);
  expect(headless.result()?.text).toContain("touches prod");
});

test("silence leaves the decision to the policy: the user is asked, and about the input as hooks have changed it", async () => {
  const quiet = await turn([hook("true"), hook("echo looked at it")]);
  expect(await asked(quiet.h, quiet.session)).toHaveLength(1);
  const changed = await turn([hook(says({ updated_input: { value: "other" } }))], { input: { value: "v", kept: 1 } });
  const [permission] = await asked(changed.h, changed.session);
  expect(JSON.parse(permission!.input)).toEqual({ value: "other", kept: 1 });
  await changed.h.request("permission.resolve", { permission: permission!.id, decision: "allow" });
  await settle();
  expect(changed.ran).toEqual(["other"]);
});

test("several hooks count in the order of the configuration: deny over ask over allow, later changes over earlier, notes joined", async () => {
  const slowFirst = `sleep 0.2; ${says({ decision: "allow", context: "first", updated_input: { value: "1" } })}`;
  const both = await turn([hook(slowFirst), hook(says({ context: ["second", ""], updated_input: { value: "2" } }))]);
  expect(both.ran).toEqual(["2"]);
  expect(both.result()?.text).toBe("did 2\n\nfirst\n\nsecond");
  const denied = await turn([
    hook(says({ decision: "allow", updated_input: { value: "1" } })),
    hook(says({ decision: "deny", reason: "a" })),
    hook("echo b >&2; exit 2"),
  ]);
  expect(denied.ran).toEqual([]);
  expect(denied.result()?.text).toBe("A hook blocked this call: a\nb");
});

test("a hook runs for the tools that its matcher names, and one command once", async () => {
  const file = path.join(root, "runs");
  const mark = (name: string) => `echo ${name} >> ${file}`;
  await turn(
    [hook(mark("all")), hook(mark("other"), { matcher: "^bash$" }), hook(mark("edit"), { matcher: "edit|write" }), hook(mark("all"))],
    { yolo: true },
  );
  expect(fs.readFileSync(file, "utf8").trim().split("\n").sort()).toEqual(["all", "edit"]);
});

test.each([
  ["fails", hook("exit 3"), "exit code 3"],
  ["hangs", hook("sleep 60 & sleep 60", { timeoutMs: 150 }), "took longer than 0.15 s"],
  ["prints broken JSON", hook(`echo '{"decision":"allow"'`), "its output is not valid JSON"],
  ["does not exist", hook("./no-such-hook 2>/dev/null"), "exit code 127"],
])("a hook that %s has no opinion: the user is asked as ever", async (_, broken, why) => {
  const { h, session, ran } = await turn([broken]);
  const [permission] = await asked(h, session);
  expect(permission).toMatchObject({ tool: "edit", why: "changes a file" });
  await h.request("permission.resolve", { permission: permission!.id, decision: "allow" });
  await settle();
  expect(ran).toEqual(["v"]);
  expect(meta(h, session)).toMatchObject({ hooks: [{ said: "failed", text: why }] });
});

test("a hook that does not read its input does no harm, however long that is", async () => {
  const { ran } = await turn([hook(says({ decision: "allow" }))], { input: { value: "v".repeat(1 << 20) } });
  expect(ran[0]).toHaveLength(1 << 20);
});

test("canceling a turn ends the hook that it waits for", async () => {
  const pidFile = path.join(root, "pid");
  const h = await harness({
    config: config({ hooks: [hook(`echo $$ > ${pidFile}; sleep 60`)] }),
    tools: [tool("edit", { intent: write })],
    toolContext: async () => ({ spawn: createSpawn({ environment: () => ({ PATH: process.env.PATH }) }), files: {} }) as never,
  });
  const session = await h.session({ workspace: root });
  h.workers.answer = () => ({ calls: [{ call: "c", name: "edit", input: '{"value":"v"}' }] });
  await h.request("session.prompt", { session, text: "go" });
  await until(() => fs.existsSync(pidFile) && fs.readFileSync(pidFile, "utf8").endsWith("\n"));
  await h.request("session.cancel", { session });
  const pid = Number(fs.readFileSync(pidFile, "utf8"));
  await until(() => !alive(pid));
  expect(completed(h.store, session)[0]!.data.turn).toMatchObject({ status: "interrupted" });
});
