// Custom commands and skills: prompts kept as files, called by name.
import type { PromptCommand } from "../../protocol/index.ts";
import type { App } from "../app.ts";
import { ArgumentsDialog } from "../dialogs/arguments.ts";

/** Sends a prompt. Handed in, since sending one looks for commands in it. */
type Submit = (app: App, text: string) => void;

/** What the server last said of each screen's commands. They are asked for when somebody is about to choose. */
const known = new WeakMap<App, readonly PromptCommand[]>();

export const promptCommands = (app: App): readonly PromptCommand[] => known.get(app) ?? [];

/** Asks which there are; `changed` is called when the answer is another one than before. */
export function loadPromptCommands(app: App, changed: () => void): void {
  app.host
    .request("command.list", { workspace: app.host.workspace })
    .then(({ commands }) => {
      if (app.closed || JSON.stringify(commands) === JSON.stringify(promptCommands(app))) return;
      known.set(app, commands);
      changed();
      app.host.invalidate();
    })
    .catch((error: unknown) => app.fail(error));
}

/** `user:git:fix` is called by that, and by `git:fix` where no other one is. */
export const shortName = ({ id, kind }: PromptCommand): string => (kind === "skill" ? id : id.replace(/^(?:user|project):/, ""));

/** The command of a name; the project's own where the user has one of that name, too. */
export function findPromptCommand(app: App, name: string): PromptCommand | undefined {
  const all = promptCommands(app);
  return all.find(({ id }) => id === name) ?? all.find((command) => shortName(command) === name);
}

/** Sends the prompt that it becomes; asks for arguments first when it has names for them and none were given. */
export function runPromptCommand(app: App, command: PromptCommand, submit: Submit, args = ""): void {
  if (args.trim() === "" && command.arguments.length > 0) {
    app.open(new ArgumentsDialog(app, command, (values) => expand(app, command, submit, { values })));
    return;
  }
  expand(app, command, submit, args.trim() === "" ? {} : { args: args.trim() });
}

function expand(app: App, { id }: PromptCommand, submit: Submit, given: { args?: string; values?: Record<string, string> }): void {
  app.host
    .request("command.expand", { workspace: app.host.workspace, id, ...given })
    .then(({ text }) => {
      if (app.closed) return;
      app.transcript.toEnd();
      submit(app, text);
    })
    .catch((error: unknown) => app.fail(error));
}
