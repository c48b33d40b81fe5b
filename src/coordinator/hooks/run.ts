// PreToolUse hooks: the user's commands that see a call before anybody else judges it. They can refuse it, have it asked for, change
// its input, add a note to its result, and answer the question that the policy would ask. What the policy refuses stays refused.
import type { HookConfig } from "../../contracts/config.ts";
import type { Spawn } from "../../contracts/tool.ts";
import { type HookSaid, readHookResult } from "./output.ts";

/** Kept of a hook's output: an updated input may hold a file. */
const outputBytesMax = 2 << 20;
/** Longest value of an environment variable: Linux takes 128 KiB, and the whole is in standard input anyway. */
const variableBytesMax = 64 << 10;

export type HookRequest = {
  hooks: readonly HookConfig[];
  session: string;
  workspace: string;
  tool: string;
  input: Record<string, unknown>;
  spawn: Spawn;
  signal: AbortSignal;
};

/** One hook in the result's `meta`, for whoever shows it. */
type HookNote = { name: string; said: "allowed" | "denied" | "asks" | "halted" | "failed" | "changed" | "noted"; text?: string };

export type HookVerdict = {
  /** Absent: no opinion. */
  decision?: "allow" | "deny" | "ask";
  halt: boolean;
  /** Of those that denied, asked or halted, in the order of the configuration. */
  reason: string;
  /** Appended to what the model reads as the result. */
  context: string[];
  /** The input with all changes; absent when there are none. */
  input?: Record<string, unknown>;
  notes: HookNote[];
};

/** Runs the hooks of a call side by side and puts together what they say, in the order of the configuration. Never throws. */
export async function runHooks(request: HookRequest): Promise<HookVerdict | undefined> {
  const hooks = hooksFor(request.hooks, request.tool);
  if (hooks.length === 0) return undefined;
  const said = await Promise.all(hooks.map(async (hook) => ({ hook, said: await runHook(hook, request) })));
  return together(said, request.input);
}

/** Those whose matcher fits the tool; the same command runs once. */
function hooksFor(hooks: readonly HookConfig[], tool: string): HookConfig[] {
  const seen = new Set<string>();
  return hooks.filter(({ matcher, command }) => {
    if (seen.has(command) || (matcher !== undefined && !new RegExp(matcher).test(tool))) return false;
    seen.add(command);
    return true;
  });
}

async function runHook({ event, command, timeoutMs }: HookConfig, request: HookRequest): Promise<HookSaid> {
  const { session, workspace, tool, input, spawn, signal } = request;
  const payload = { event, hook_event_name: event, session_id: session, cwd: workspace, tool_name: tool, tool_input: input };
  try {
    const result = await spawn.run({
      command,
      shell: true,
      cwd: workspace,
      env: {
        CRUSH_EVENT: event,
        CRUSH_TOOL_NAME: tool,
        CRUSH_SESSION_ID: session,
        CRUSH_CWD: workspace,
        CRUSH_PROJECT_DIR: workspace,
        ...variable("CRUSH_TOOL_INPUT_COMMAND", input.command),
        ...variable("CRUSH_TOOL_INPUT_FILE_PATH", input.file_path),
      },
      // One line, so that `read -r` of a script gets all of it.
      stdin: `${JSON.stringify(payload)}\n`,
      signal,
      timeoutMs,
      outputBytesMax,
    });
    return readHookResult(result, timeoutMs);
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}

function variable(name: string, value: unknown): Record<string, string> {
  if (typeof value !== "string" || value.includes("\0") || Buffer.byteLength(value) > variableBytesMax) return {};
  return { [name]: value };
}

/** deny over ask over allow; a halt is a halt whoever says it. Changes count only when the call goes on. */
function together(all: { hook: HookConfig; said: HookSaid }[], input: Record<string, unknown>): HookVerdict {
  const verdict: HookVerdict = { halt: false, reason: "", context: [], notes: [] };
  const reasons: string[] = [];
  const changes: Record<string, unknown>[] = [];
  for (const { hook, said } of all) {
    if (said.halt) verdict.halt = true;
    if (said.decision !== undefined && weight[said.decision] > (verdict.decision ? weight[verdict.decision] : 0))
      verdict.decision = said.decision;
    if (said.reason !== undefined && (said.halt || said.decision !== "allow")) reasons.push(said.reason);
    if (said.context) verdict.context.push(...said.context);
    if (said.updatedInput) changes.push(said.updatedInput);
    const note = noteOf(hook, said);
    if (note !== undefined) verdict.notes.push(note);
  }
  verdict.reason = reasons.join("\n");
  if (changes.length > 0 && !verdict.halt && verdict.decision !== "deny")
    verdict.input = Object.assign({}, input, ...changes) as Record<string, unknown>;
  return verdict;
}

const weight = { allow: 1, ask: 2, deny: 3 } as const;
const words = { allow: "allowed", ask: "asks", deny: "denied" } as const;

function noteOf({ name, command }: HookConfig, said: HookSaid): HookNote | undefined {
  const what = said.failed
    ? "failed"
    : said.halt
      ? "halted"
      : said.decision
        ? words[said.decision]
        : said.updatedInput
          ? "changed"
          : said.context
            ? "noted"
            : undefined;
  if (what === undefined) return undefined;
  const text = said.failed ?? said.reason;
  return { name: name ?? command, said: what, ...(text !== undefined && { text }) };
}
