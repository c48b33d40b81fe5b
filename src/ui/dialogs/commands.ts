import type { App } from "../app.ts";
import { loadPromptCommands, promptCommands, runPromptCommand } from "../flow/prompt-commands.ts";
import { submit } from "../flow/send.ts";
import { ListDialog } from "./list-dialog.ts";

/** ctrl+p: everything that can be done, by name; custom commands and skills behind it. */
export function commandsDialog(app: App): ListDialog {
  const close = (): void => app.close("commands");
  const offered = app.commands.filter((command) => command.offered?.(app) ?? true);
  loadPromptCommands(app, () => {});
  return new ListDialog({
    name: "commands",
    title: () => "Commands",
    placeholder: "type to filter",
    hint: () => "enter runs · esc closes",
    items: () => [
      ...offered.map((command) => ({
        id: command.name,
        label: command.title,
        detail: `/${command.name}`,
        ...(command.keys ? { note: app.keys.hint(command.keys) } : {}),
      })),
      ...promptCommands(app).map(({ id, kind, description }) => ({
        id: `/${id}`,
        label: description ?? id,
        detail: `/${id}`,
        ...(kind === "skill" ? { note: "skill" } : {}),
      })),
    ],
    empty: () => "No such command",
    theme: app.theme,
    keys: app.keys,
    close,
    choose: ({ id }) => {
      close();
      const custom = promptCommands(app).find((command) => `/${command.id}` === id);
      if (custom) runPromptCommand(app, custom, submit);
      else offered.find((command) => command.name === id)?.run(app);
    },
  });
}
