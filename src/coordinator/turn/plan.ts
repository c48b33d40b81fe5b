// Plan mode: reading is allowed, changing is refused, until the user approves a plan.
import type { ToolIntent } from "../../contracts/tool.ts";
import type { CompletionRequest } from "../../contracts/wire-format.ts";
import type { Session } from "../../protocol/index.ts";
import type { CoordinatorOptions } from "../options.ts";
import instruction from "./plan.md";
import type { Toolbox } from "./tools.ts";

const finish = {
  asked: "When the plan is ready, present it with `present_plan`, which asks the user to approve it.",
  headless: "When the plan is ready, give it as your answer. Nobody can approve it here, so do not wait for that.",
};

/** A turn's request as plan mode has it. What is added stands behind what stays, so that less of the provider's cache is lost. */
export function withPlan(request: CompletionRequest, session: Session, headless: boolean, toolbox: Toolbox): CompletionRequest {
  if (!session.plan) return request;
  return {
    ...request,
    system: [...request.system, `${instruction.trim()}\n\n${headless ? finish.headless : finish.asked}`],
    tools: headless ? request.tools : [...request.tools, ...toolbox.specsFor("plan")].sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** Why a call may not run in plan mode; undefined when it only reads. Commands are judged on their syntax tree, without any rule of the user's. */
export async function refusedByPlan(
  tool: string,
  intent: ToolIntent,
  workspace: string,
  judge: CoordinatorOptions["judge"],
): Promise<string | undefined> {
  const { action, command } = intent;
  if (action !== "write" && action !== "execute" && action !== "download") return undefined;
  if (command !== undefined) {
    const verdict = await judge({ command, shell: "bash", cwd: intent.path ?? workspace, rules: [] });
    if (verdict.decision === "allow") return undefined;
  }
  return `Plan mode: ${tool} was not run, as nothing may be changed before the user has approved a plan. Go on with tools that only read, then present the plan.`;
}
