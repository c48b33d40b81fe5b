import type { App } from "../app.ts";
import { pageMessages } from "../model/order.ts";
import { applyPage, putPermission, putTurn } from "../model/reducer.ts";
import { isShell, messageText, newSessionState, type SessionState } from "../model/state.ts";
import { goToJump } from "./jump.ts";
import { Transcript } from "../views/transcript/transcript.ts";

/** Turns asked for when a session is opened: those that run, wait or ended badly within the first page. */
const turnsListed = 50;

/** Asks the coordinator to show a session (or none) on this screen; it answers by `View.show`. */
export function showSession(app: App, session: string | undefined): void {
  app.host
    .request("screen.show", { screen: app.host.screen, ...(session === undefined ? {} : { session }) })
    .catch((error: unknown) => app.fail(error));
}

/** Shows a session from its newest page on. Events may come before the page: both are taken by id. */
export function openSession(app: App, id: string | undefined): void {
  const epoch = ++app.epoch;
  app.transcript = new Transcript(app.theme, app.host.workspace);
  app.selection.clear();
  app.dialogs = app.dialogs.filter(({ name }) => name === "quit" || name === "trust");
  app.cancelArmed = false;
  app.shells.clear();
  app.loadingOlder = false;
  app.focus = "editor";
  app.session = id === undefined ? undefined : newSessionState(id);
  app.loading = id !== undefined;
  title(app);
  app.animate();
  app.host.invalidate();
  const state = app.session;
  if (!state) return;
  const { request } = app.host;
  const current =
    <T>(apply: (result: T) => void) =>
    (result: T): void => {
      if (app.epoch !== epoch || app.closed) return;
      apply(result);
      app.animate();
      app.host.invalidate();
    };
  const failed = (error: unknown): void => {
    if (app.epoch !== epoch) return;
    app.loading = false;
    app.fail(error);
  };
  request("session.get", { session: state.id }).then(
    current(({ session }) => {
      state.session ??= session;
      title(app);
    }),
    failed,
  );
  // Together: without its turns a page cannot tell what runs from what was lost.
  Promise.all([
    request("session.turns", { session: state.id, limit: turnsListed }),
    request("session.messages", { session: state.id, limit: pageMessages, cut: true }),
  ]).then(
    current(([{ turns }, { messages, more }]) => {
      // Events that came first are about newer messages: the page goes before them.
      applyPage(state, messages, more, state.order.length > 0);
      for (const turn of [...turns].sort((a, b) => a.createdAt - b.createdAt)) putTurn(state, turn);
      app.loading = false;
      app.editor.history.seed(prompts(state));
      void goToJump(app);
    }),
    failed,
  );
  request("permission.list", { session: state.id }).then(
    current(({ permissions }) => {
      for (const permission of permissions) if (permission.session === state.id) putPermission(state, permission);
      app.syncPermission();
    }),
    failed,
  );
}

/** Pages in what is before the window. */
export function loadOlder(app: App): void {
  const state = app.session;
  const before = state?.order[0];
  if (!state?.more || before === undefined || app.loadingOlder) return;
  app.loadingOlder = true;
  const epoch = app.epoch;
  app.host
    .request("session.messages", { session: state.id, before, limit: pageMessages, cut: true })
    .then(({ messages, more }) => {
      if (app.epoch !== epoch) return;
      applyPage(state, messages, more, true);
      app.host.invalidate();
    })
    .catch((error: unknown) => app.fail(error))
    .finally(() => {
      if (app.epoch === epoch) app.loadingOlder = false;
    });
}

export function title(app: App): void {
  const name =
    app.host.workspace
      .split(/[/\\]/)
      .filter((part) => part !== "")
      .at(-1) ?? app.host.workspace;
  const session = app.session?.session?.title;
  app.host.effect({ effect: "title", text: session ? `crush ${name}: ${session}` : `crush ${name}` });
}

function prompts(state: SessionState): string[] {
  const texts: string[] = [];
  for (const id of state.order) {
    const message = state.messages.get(id)!;
    if (message.role === "user" && !isShell(message)) texts.push(messageText(message));
  }
  return texts;
}
