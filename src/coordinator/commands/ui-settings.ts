import type { Command } from "./command.ts";

export const uiSettings: Command<"ui.settings"> = async (core, { workspace }) => {
  const { node, notifications } = (await core.workspaces.config(workspace)).options;
  return { theme: { name: node.theme, ...node.themeFile }, keys: node.keys, notifications };
};
