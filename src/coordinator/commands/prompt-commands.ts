import { CommandError } from "../../protocol/index.ts";
import type { Core } from "../core.ts";
import type { Command } from "./command.ts";

const request = async (core: Core, workspace: string) => ({
  workspace,
  env: core.workspaces.env(workspace),
  config: await core.workspaces.config(workspace),
});

export const commandList: Command<"command.list"> = async (core, { workspace }) =>
  (await core.options.promptCommands?.list(await request(core, workspace))) ?? { commands: [], notices: [] };

export const commandExpand: Command<"command.expand"> = async (core, { workspace, ...command }) => {
  const text = await core.options.promptCommands?.expand(await request(core, workspace), command);
  if (text === undefined) throw new CommandError("not_found", `There is no command ${command.id} here; command.list tells which there are`);
  return { text };
};
