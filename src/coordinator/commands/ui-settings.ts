import type { Command } from "./command.ts";

export const uiSettings: Command<"ui.settings"> = async (core, { workspace }) => {
  const { theme, themeFile, keys } = (await core.workspaces.config(workspace)).options.node;
  return { theme: { name: theme, ...themeFile }, keys };
};
