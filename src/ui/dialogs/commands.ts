import type { App } from "../app.ts";
import { ListDialog } from "./list-dialog.ts";

/** ctrl+p: everything that can be done, by name. */
export function commandsDialog(app: App): ListDialog {
  const close = (): void => app.close("commands");
  const offered = app.commands.filter((command) => command.offered?.(app) ?? true);
  return new ListDialog({
    name: "commands",
    title: () => "Commands",
    placeholder: "type to filter",
    hint: () => "enter runs · esc closes",
    items: () =>
      offered.map((command) => ({
        id: command.name,
        label: command.title,
        detail: `/${command.name}`,
        ...(command.keys ? { note: app.keys.hint(command.keys) } : {}),
      })),
    empty: () => "No such command",
    theme: app.theme,
    keys: app.keys,
    close,
    choose: ({ id }) => {
      close();
      offered.find((command) => command.name === id)?.run(app);
    },
  });
}
