import type { Config } from "../../contracts/config.ts";
import type { CompletionRequest } from "../../contracts/wire-format.ts";
import type { CoordinatorOptions } from "../options.ts";
import type { OpenSession } from "../registry/sessions.ts";
import type { Workspaces } from "../registry/workspaces.ts";
import { withDefined } from "./agent-profile.ts";
import { type ChosenModel, chooseModel } from "./model.ts";
import type { Toolbox } from "./tools.ts";

/** Longest silence on an open stream: reasoning models think for minutes before the first byte, but not in the middle. */
const idleTimeoutMs = 120_000;
const headersTimeoutMs = 300_000;
/** Crush's number. */
export const retriesMax = 3;

export type Prepared = { config: Config; model: ChosenModel; request: CompletionRequest };

/** Everything that the turn's completions need besides the conversation. @throws CommandError no_model; what loading throws */
export async function prepareTurn(
  entry: OpenSession,
  parts: { options: CoordinatorOptions; workspaces: Workspaces; toolbox: Toolbox },
): Promise<Prepared> {
  const { options, workspaces, toolbox } = parts;
  const agent = entry.agent?.profile;
  // An agent goes by the configuration of whoever gave it its work.
  const { workspace } = (entry.agent?.parent ?? entry).session;
  const config = await workspaces.config(workspace);
  const model = await chooseModel(config, entry.session.model, agent?.model === "small" ? "small" : "large", options);
  if (agent) {
    const system = [agentSystem(agent.prompt, entry.session.workspace, options.clock.now())];
    const prefix = model.provider.systemPromptPrefix;
    const request = completionRequest(
      model,
      prefix ? [prefix, ...system] : system,
      toolbox.specs(config.options.disabledTools, agent.tools),
    );
    return { config, model, request };
  }
  const defined = (await options.agents?.({ workspace, env: workspaces.env(workspace) })) ?? [];
  const tools = withDefined(toolbox.specs(config.options.disabledTools), defined);
  const key = JSON.stringify([
    model.provider.id,
    model.info.model,
    model.provider.systemPromptPrefix,
    config.options,
    tools.map(({ name }) => name),
  ]);
  if (entry.system?.key !== key) {
    const texts = workspaces.systemTexts(workspace, key, () =>
      options.systemPrompt({ workspace, config, tools: tools.map(({ name }) => name), model: model.info }),
    );
    entry.system = { key, texts };
    texts.catch(() => {
      if (entry.system?.texts === texts) entry.system = undefined;
    });
  }
  const system = await entry.system.texts;
  return { config, model, request: completionRequest(model, system, tools) };
}

const agentSystem = (prompt: string, workspace: string, now: number): string =>
  `${prompt.trim()}\n\n<env>\nWorking directory: ${workspace}\nPlatform: ${process.platform}\nDate: ${new Date(now).toISOString().slice(0, 10)}\n</env>`;

export function completionRequest(
  { provider, selected, info }: ChosenModel,
  system: string[],
  tools: CompletionRequest["tools"],
  maxOutputTokens?: number,
): CompletionRequest {
  return {
    provider,
    model: { ...selected, maxOutputTokens: maxOutputTokens ?? selected.maxTokens ?? info.maxTokens, contextWindow: info.contextWindow },
    system,
    tools,
    idleTimeoutMs,
    headersTimeoutMs,
    retriesMax,
  };
}
