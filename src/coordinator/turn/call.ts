import fs from "node:fs/promises";
import type { Config } from "../../contracts/config.ts";
import type { ToolContext, ToolResult } from "../../contracts/tool.ts";
import type { PromptOptions, ToolCallPart, ToolMeta } from "../../protocol/index.ts";
import { wasAskedFor } from "./agent-profile.ts";
import type { Agents } from "./agents.ts";
import { CallHooks } from "../hooks/call.ts";
import { askUser } from "./ask-user.ts";
import type { Hub } from "../events/hub.ts";
import type { PermissionDesk } from "../permissions/desk.ts";
import { decide, type PolicyAnswer } from "../permissions/policy.ts";
import type { CoordinatorOptions } from "../options.ts";
import type { OpenSession } from "../registry/sessions.ts";
import type { Workspaces } from "../registry/workspaces.ts";
import type { Ending } from "./machine.ts";
import { refusedByPlan } from "./plan.ts";
import type { Toolbox } from "./tools.ts";

export type CallParts = {
  options: CoordinatorOptions;
  desk: PermissionDesk;
  hub: Hub;
  workspaces: Workspaces;
  toolbox: Toolbox;
  agents: Agents;
};

export type Call = {
  entry: OpenSession;
  turn: string;
  part: ToolCallPart;
  config: Config;
  prompt: PromptOptions;
  signal: AbortSignal;
  progress: (tail: string, bytes: number) => void;
  /** The tool itself begins: permission was given. */
  running: () => void;
};

/** What a call came to. It is always something: whatever goes wrong is a result that the model can read. */
export type CallOutcome = {
  text: string;
  isError: boolean;
  meta?: ToolMeta;
  ending?: Ending;
};

const failure = (text: string, more: Omit<CallOutcome, "text" | "isError"> = {}): CallOutcome => ({ text, isError: true, ...more });

/** Checks, asks, runs. Never throws. */
export async function performCall(call: Call, parts: CallParts): Promise<CallOutcome> {
  try {
    const hooks = new CallHooks();
    return hooks.after(await perform(call, parts, hooks));
  } catch (error) {
    if (call.signal.aborted) return failure("The call was canceled.");
    parts.options.log.warn("tool failed", { tool: call.part.name, session: call.entry.id, error: String(error) });
    return failure(`The tool failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function perform(call: Call, parts: CallParts, hooks: CallHooks): Promise<CallOutcome> {
  const { part, entry, config, signal } = call;
  const tool = parts.toolbox.get(part.name);
  const agent = entry.agent;
  if (tool === undefined || config.options.disabledTools.includes(part.name) || (agent && !agent.profile.tools.includes(part.name))) {
    const names = parts.toolbox.specs(config.options.disabledTools, agent?.profile.tools).map(({ name }) => name);
    return failure(`There is no tool named "${part.name}". Available: ${names.join(", ")}.`);
  }
  const written = readJson(part);
  if ("error" in written) return failure(written.error);

  const { workspace } = entry.session;
  // Whose rules hold and who is asked: of an agent, whoever gave it its work.
  const owner = agent ? { entry: agent.parent, turn: agent.turn, call: agent.call } : { entry, turn: call.turn, call: part.call };
  const prompt = agent?.prompt ?? call.prompt;
  const home = owner.entry.session.workspace;
  const surroundings = await parts.options.toolContext({
    session: entry.id,
    turn: call.turn,
    workspace,
    config,
    env: parts.workspaces.env(home),
    ...(agent && { owner: { session: owner.entry.id, turn: owner.turn } }),
  });
  let agentsEnding: Ending | undefined;
  const context: ToolContext = {
    ...surroundings,
    session: entry.id,
    turn: call.turn,
    call: part.call,
    signal,
    progress: call.progress,
    ...(!call.prompt.headless && { ask: (request) => askUser(call, request, parts) }),
    ...(agent === undefined && {
      agents: {
        run: async (request) => {
          const { ending, ...result } = await parts.agents.run(call, request, parts);
          agentsEnding = ending;
          return result;
        },
      },
    }),
  };
  const hooked = await hooks.before(entry, part, written.value, { hooks: config.hooks, spawn: context.spawn, signal });
  if (signal.aborted) return failure("The call was canceled.");
  if ("blocked" in hooked) return hooked.blocked;
  const input = checkInput(part.name, hooked.value, tool.input);
  if ("error" in input) return failure(input.error);
  const intent = await tool.intent(input.value, context);
  if (intent.refuse !== undefined) return failure(intent.refuse);

  const refused = owner.entry.session.plan ? await refusedByPlan(tool.name, intent, workspace, parts.options.judge) : undefined;
  if (refused !== undefined) return failure(refused, { meta: { denied: true } });

  const skills = tool.name === "view" && intent.action === "read" ? await skillRules(parts, home, config) : [];
  const policy = async (): Promise<PolicyAnswer> => {
    const answer = await decide(
      {
        tool: tool.name,
        intent,
        workspace,
        files: context.files,
        // Whoever gives a list of what is allowed means that and no more, in yolo mode, too.
        yolo:
          (owner.entry.session.yolo && (prompt.allow ?? []).length === 0) || (agent !== undefined && wasAskedFor(agent.profile, intent)),
        allowedTools: config.permissions.allowedTools,
        rules: [...config.permissions.rules, ...parts.workspaces.savedRules(home), ...(prompt.allow ?? []), ...skills],
        grants: owner.entry.grants,
      },
      parts.options.judge,
    );
    return hooks.judged(answer);
  };
  let answer = await policy();
  if (answer.decision === "ask" && !prompt.headless) {
    const denied = await parts.desk.serially(owner.entry, async () => {
      if (signal.aborted) return failure("The call was canceled.");
      // The question before this one may have answered this one too.
      answer = await policy();
      if (answer.decision !== "ask") return undefined;
      const { why, pattern } = answer;
      const permission = await parts.desk.ask({
        ...owner,
        tool: tool.name,
        intent,
        input: hooks.input(part),
        why: agent ? `The agent "${agent.profile.name}": ${why}` : why,
        ...(pattern !== undefined && { pattern }),
      });
      if (permission.state === "allowed") return undefined;
      return permission.message === undefined
        ? failure("The user denied permission.", {
            meta: { denied: true },
            ending: { status: "failed", cause: "permission_denied", reason: `Permission was denied: ${permission.title}` },
          })
        : failure(`The user denied permission and says: ${permission.message}`, { meta: { denied: true } });
    });
    if (denied !== undefined) return denied;
  } else if (answer.decision === "ask") return headlessDenied(tool.name, intent.title, answer.why, answer.pattern);
  if (answer.decision === "refuse") return failure(answer.why, { meta: { denied: true } });

  if (signal.aborted) return failure("The call was canceled.");
  call.running();
  const began = parts.options.clock.now();
  const commandEnded = intent.action === "execute" ? context.files.commandBegins?.() : undefined;
  let result: ToolResult;
  try {
    result = await tool.run(input.value, context);
  } finally {
    await commandEnded?.();
  }
  return {
    text: result.text,
    isError: result.isError ?? false,
    meta: { ...result.meta, ms: parts.options.clock.now() - began },
    ...(result.stopTurn && { ending: { status: "ok" as const } }),
    ...(agentsEnding && { ending: agentsEnding }),
  };
}

/** Skills are read by the model itself. `realpath`, since that is what a path is judged by. */
async function skillRules({ options, workspaces }: CallParts, workspace: string, config: Config): Promise<string[]> {
  const directories = (await options.promptCommands?.readable({ workspace, env: workspaces.env(workspace), config })) ?? [];
  const real = await Promise.all(directories.map((directory) => fs.realpath(directory).catch(() => undefined)));
  return real.flatMap((directory) => (directory === undefined ? [] : [`view(${directory}/**)`]));
}

/** Nobody can answer: the reason names the flag that would have allowed it. */
function headlessDenied(tool: string, title: string, why: string, pattern: string | undefined): CallOutcome {
  const flag = `--allow '${pattern ?? tool}'`;
  const reason = `Permission denied: ${title} (${why}). Nobody can be asked here; run it with ${flag}, or with --yolo to allow everything`;
  return failure(`${reason}.`, { meta: { denied: true }, ending: { status: "failed", cause: "permission_denied", reason } });
}

function readJson(part: ToolCallPart): { value: unknown } | { error: string } {
  if (part.incomplete)
    return { error: `The arguments of ${part.name} were cut off, so it was not run. Call it again with shorter arguments.` };
  try {
    // Models send nothing at all for a tool without parameters.
    return { value: part.input.trim() === "" ? {} : JSON.parse(part.input) };
  } catch (error) {
    return {
      error: `The arguments of ${part.name} were not valid JSON (${(error as Error).message}), so it was not run. Call it again with valid JSON.`,
    };
  }
}

function checkInput(
  name: string,
  value: unknown,
  schema: {
    safeParse(value: unknown): { success: boolean; data?: unknown; error?: { issues: { path: PropertyKey[]; message: string }[] } };
  },
): { value: unknown } | { error: string } {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data };
  const issues = parsed.error!.issues.map(
    ({ path, message }) => `- ${path.length > 0 ? path.map(String).join(".") : "arguments"}: ${message}`,
  );
  return { error: `The arguments of ${name} do not fit, so it was not run:\n${issues.join("\n")}` };
}
