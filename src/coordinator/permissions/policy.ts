import type { Files, ToolIntent } from "../../contracts/tool.ts";
import type { CoordinatorOptions } from "../options.ts";
import type { SessionGrants } from "./grants.ts";
import { rulePattern, ruleAllows } from "./rules.ts";

export type PolicyRequest = {
  tool: string;
  intent: ToolIntent;
  workspace: string;
  files: Pick<Files, "resolve">;
  yolo: boolean;
  /** Of the configuration, `tool` or `tool:action`. */
  allowedTools: readonly string[];
  /** Saved, of the configuration and of the turn: `tool(pattern)`, `tool`, `tool:action`. */
  rules: readonly string[];
  grants: SessionGrants;
};

export type PolicyAnswer = { decision: "allow" } | { decision: "ask"; why: string; pattern?: string } | { decision: "refuse"; why: string };

const whyByAction: { readonly [A in ToolIntent["action"]]: string } = {
  none: "",
  read: "reads outside of the workspace",
  list: "lists a directory outside of the workspace",
  write: "changes a file",
  execute: "runs a command",
  fetch: "fetches from the network",
  download: "saves a file from the network",
  question: "asks you",
  plan: "has a plan",
};

/** Whether a call may run, must be asked for, or is never run. The order is Crush's: yolo, rules, grants of the session, ask. */
export async function decide(request: PolicyRequest, judge: CoordinatorOptions["judge"]): Promise<PolicyAnswer> {
  const { tool, intent, workspace, files, rules, allowedTools, grants } = request;
  if (intent.action === "none") return { decision: "allow" };
  if (intent.command !== undefined) return command(request, intent.command, judge);
  if (request.yolo) return { decision: "allow" };
  const outside = intent.outside ?? (intent.path !== undefined && !(await files.resolve(intent.path)).inside);
  if ((intent.action === "read" || intent.action === "list") && !outside) return { decision: "allow" };
  if ([...allowedTools, ...rules].some((rule) => ruleAllows(rule, tool, intent, workspace))) return { decision: "allow" };
  if (grants.has(tool, intent)) return { decision: "allow" };
  const pattern = outside ? undefined : rulePattern(tool, intent, workspace);
  const why = outside && intent.action === "write" ? "changes a file outside of the workspace" : whyByAction[intent.action];
  return { decision: "ask", why, ...(pattern !== undefined && { pattern }) };
}

/** Commands are judged first of all: what is never run is not run in yolo mode either. */
async function command(request: PolicyRequest, text: string, judge: CoordinatorOptions["judge"]): Promise<PolicyAnswer> {
  const { tool, intent, workspace, rules, allowedTools, grants } = request;
  const cwd = intent.path ?? workspace;
  const verdict = await judge({ command: text, shell: "bash", cwd, rules: [...rules, ...grants.rules] });
  if (verdict.decision === "deny") return { decision: "refuse", why: verdict.why };
  if (verdict.decision === "allow" || request.yolo) return { decision: "allow" };
  // A whole tool that is allowed, `bash` or `bash:execute`; patterns were the judge's.
  if ([...allowedTools, ...rules].some((rule) => ruleAllows(rule, tool, intent, workspace))) return { decision: "allow" };
  if (grants.has(tool, intent)) return { decision: "allow" };
  return { decision: "ask", why: verdict.why, ...(verdict.pattern !== undefined && { pattern: verdict.pattern }) };
}
