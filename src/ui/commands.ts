import type { App, Command } from "./app.ts";
import { agentsDialog } from "./dialogs/agents.ts";
import { historyDialog } from "./dialogs/history.ts";
import { jobsDialog } from "./dialogs/jobs.ts";
import { commandsDialog } from "./dialogs/commands.ts";
import { HelpDialog } from "./dialogs/help.ts";
import { modelsDialog } from "./dialogs/models.ts";
import { providersDialog } from "./dialogs/providers.ts";
import { searchDialog } from "./dialogs/search.ts";
import { sessionsDialog } from "./dialogs/sessions.ts";
import { showSession } from "./flow/open-session.ts";
import { togglePlan, toggleYolo } from "./flow/modes.ts";
import { cancelTurn, compactSession, copy, externalEditor, resumeTurn } from "./flow/send.ts";
import { forkAt, redoTurn, undoTurn } from "./flow/time.ts";
import { askTrust } from "./flow/trust.ts";
import { alwaysBindings } from "./keys/always.ts";
import { editorBindings } from "./keys/editor.ts";
import { globalBindings } from "./keys/global.ts";
import { hint } from "./keys/keymap.ts";
import { TextBlock } from "./views/transcript/text-block.ts";

const inSession = (app: App): boolean => app.session !== undefined;
const interrupted = (app: App): boolean => [...(app.session?.turns.values() ?? [])].at(-1)?.status === "interrupted";

export const commands: readonly Command[] = [
  {
    name: "new",
    alias: "clear",
    title: "New session",
    keys: hint(globalBindings, "newSession"),
    run: (app) => showSession(app, undefined),
  },
  { name: "sessions", title: "Sessions", keys: hint(globalBindings, "sessions"), run: (app) => app.open(sessionsDialog(app)) },
  {
    name: "models",
    alias: "model",
    title: "Switch model",
    keys: hint(globalBindings, "models"),
    run: (app) => app.open(modelsDialog(app)),
  },
  {
    name: "connect",
    alias: "login",
    title: "Connect a provider: enter its key",
    run: (app) => app.open(providersDialog(app, (model) => app.open(modelsDialog(app, model)))),
  },
  { name: "resume", title: "Resume the interrupted turn", offered: interrupted, run: resumeTurn },
  {
    name: "compact",
    alias: "summarize",
    title: "Compact: have the model summarize what is old",
    offered: inSession,
    run: compactSession,
  },
  { name: "undo", title: "Undo the last turn and what it did to files", offered: inSession, run: undoTurn },
  { name: "redo", title: "Redo what was undone", offered: inSession, run: redoTurn },
  { name: "rewind", title: "Rewind or fork at a prompt", offered: inSession, run: (app) => app.open(historyDialog(app)) },
  { name: "fork", title: "Go on in a copy of this session", offered: inSession, run: (app) => forkAt(app) },
  { name: "search", alias: "find", title: "Search all sessions", run: (app) => app.open(searchDialog(app)) },
  { name: "cancel", title: "Cancel the running turn", keys: "esc esc", offered: (app) => app.running, run: cancelTurn },
  { name: "copy", title: "Copy the last answer", offered: inSession, run: copyLastAnswer },
  { name: "editor", title: "Write in the external editor", keys: hint(editorBindings, "externalEditor"), run: externalEditor },
  {
    name: "todos",
    title: "Show or hide to-dos",
    keys: hint(globalBindings, "todos"),
    offered: inSession,
    run: (app) => {
      app.todosOpen = !app.todosOpen;
    },
  },
  {
    name: "plan",
    title: "Plan mode on or off: nothing is changed before you approve",
    keys: hint(globalBindings, "plan"),
    run: togglePlan,
  },
  { name: "jobs", title: "Background jobs: output, end", offered: inSession, run: (app) => app.open(jobsDialog(app)) },
  { name: "agents", title: "Agents that worked for this session", offered: inSession, run: (app) => app.open(agentsDialog(app)) },
  {
    name: "back",
    title: "Back to the session that this agent works for",
    offered: (app) => app.session?.session?.agent !== undefined,
    run: (app) => showSession(app, app.session?.session?.parent),
  },
  { name: "yolo", title: "Yolo on or off: calls without asking", keys: hint(globalBindings, "yolo"), run: toggleYolo },
  { name: "trust", title: "Trust this project's configuration", run: askTrust },
  {
    name: "commands",
    title: "Commands",
    keys: hint(globalBindings, "commands"),
    offered: () => false,
    run: (app) => app.open(commandsDialog(app)),
  },
  { name: "help", title: "Help: all keys", keys: hint(globalBindings, "help"), run: (app) => app.open(new HelpDialog(app)) },
  { name: "suspend", title: "Suspend", keys: hint(alwaysBindings, "suspend"), run: (app) => app.host.effect({ effect: "suspend" }) },
  { name: "quit", alias: "exit", title: "Quit", keys: hint(alwaysBindings, "quit"), run: (app) => app.leave() },
];

function copyLastAnswer(app: App): void {
  const last = app.transcript.blocks.findLast((block) => block instanceof TextBlock);
  if (last) copy(app, last.text());
  else app.say("There is no answer yet");
}
