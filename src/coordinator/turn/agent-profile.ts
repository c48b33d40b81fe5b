// Which agents there are, and what each may have.
import type { AgentDefinition } from "../../contracts/agent.ts";
import type { Config } from "../../contracts/config.ts";
import type { Tool, ToolIntent } from "../../contracts/tool.ts";
import type { ToolSpec } from "../../contracts/wire-format.ts";
import type { ModelRef, PromptOptions } from "../../protocol/index.ts";
import type { OpenSession } from "../registry/sessions.ts";
import fetchText from "./agent-fetch.md";
import taskText from "./agent-task.md";

/** An agent as it is run. */
export type AgentProfile = {
  name: string;
  description: string;
  tools: readonly string[];
  /** Another model than the session's own. */
  model?: "small" | ModelRef;
  prompt: string;
  /** It works in an empty directory of its own, and its calls that only fetch are not asked for: the call that started it was. */
  scratch?: boolean;
  /** By the user: it may have any tool, so hooks are asked about its calls. Ours read only. */
  defined?: boolean;
};

/** Why a session is there: somebody's agent. */
export type AgentWork = {
  profile: AgentProfile;
  /** Whose rules hold, who is asked, and who pays. */
  parent: OpenSession;
  turn: string;
  call: string;
  prompt: PromptOptions;
};

const readers = ["glob", "grep", "ls", "sourcegraph", "view"];
/** Agents give no work to agents, ask nobody, and keep no list for the user. */
const notForAgents: ReadonlySet<string> = new Set(["agent", "agentic_fetch", "question", "present_plan", "todos"]);

const task: AgentProfile = { name: "task", description: "finds things out, reads only", tools: readers, prompt: taskText };
const fetcher: AgentProfile = {
  name: "fetch",
  description: "reads the web",
  tools: ["glob", "grep", "sourcegraph", "view", "web_fetch", "web_search"],
  model: "small",
  prompt: fetchText,
  scratch: true,
};

/** The agent of this name: one of the user's before ours. undefined: there is none. */
export function profileOf(
  name: string,
  defined: readonly AgentDefinition[],
  tools: readonly Tool[],
  config: Config,
): AgentProfile | string {
  const own = defined.find((each) => each.name === name);
  if (own === undefined) {
    if (name === task.name) return task;
    if (name === fetcher.name) return fetcher;
    const names = [task.name, ...defined.map((each) => each.name)];
    return `There is no agent named "${name}". There are: ${names.join(", ")}.`;
  }
  const offered = tools.filter((tool) => tool.offered === undefined && !notForAgents.has(tool.name)).map((tool) => tool.name);
  const model = modelOf(own.model, config);
  if (typeof model === "string" && model !== "small")
    return `The agent "${name}" wants the model "${model}" (${own.file}), which no configured provider offers.`;
  return {
    name,
    defined: true,
    description: own.description,
    tools: own.tools === undefined ? offered : offered.filter((tool) => own.tools!.includes(tool)),
    ...(model !== undefined && { model: model as "small" | ModelRef }),
    prompt: own.prompt,
  };
}

/** Names of sizes mean the session's models. @returns the name itself when nothing fits it */
function modelOf(name: string | undefined, config: Config): "small" | ModelRef | string | undefined {
  if (name === undefined || name === "inherit" || name === "large" || name === "sonnet" || name === "opus") return undefined;
  if (name === "small" || name === "haiku") return "small";
  const found = config.providers
    .flatMap((provider) => provider.models)
    .filter(({ provider, model }) => model === name || `${provider}/${model}` === name);
  const first = found[0];
  return first === undefined ? name : { provider: first.provider, model: first.model };
}

/** What the model is told of the `agent` tool, with the agents that the user defined. */
export function withDefined(specs: ToolSpec[], defined: readonly AgentDefinition[]): ToolSpec[] {
  if (defined.length === 0) return specs;
  const list = defined.map(({ name, description }) => `- ${name}: ${description}`).join("\n");
  return specs.map((spec) =>
    spec.name === "agent" ? { ...spec, description: `${spec.description}\n\nAgents for \`agent\`:\n${list}` } : spec,
  );
}

/** A call that the agent may make without a question, because the call that started it was asked for. */
export const wasAskedFor = ({ scratch }: AgentProfile, { action }: ToolIntent): boolean => scratch === true && action === "fetch";
