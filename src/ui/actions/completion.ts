import type { App } from "../app.ts";
import { completionToken, type Token } from "../editor/completion.ts";
import { loadPromptCommands, promptCommands, shortName } from "../flow/prompt-commands.ts";
import { send } from "../flow/send.ts";

/** Paths are asked for when typing pauses this long. */
const debounceMs = 60;
const itemsMax = 50;

/** Offers what fits at the cursor, or takes the offer away. */
export function updateCompletion(app: App): void {
  const { editor } = app;
  const token = completionToken(editor.text, editor.cursor);
  if (!token) {
    app.completion = undefined;
    app.timers.clear("complete");
    return;
  }
  if (app.completion?.kind === token.kind && app.completion.from === token.from && app.completion.query === token.query) return;
  if (token.kind === "command") {
    offerCommands(app, token);
    // Once each time that somebody begins with a slash.
    if (token.query === "")
      loadPromptCommands(app, () => {
        const now = completionToken(editor.text, editor.cursor);
        if (now?.kind === "command") offerCommands(app, now);
      });
    return;
  }
  app.timers.set("complete", debounceMs, () => {
    app.host
      .request("file.complete", { workspace: app.host.workspace, query: token.query, limit: itemsMax })
      .then(({ paths }) => {
        const now = completionToken(editor.text, editor.cursor);
        if (now?.kind !== "file" || now.from !== token.from || now.query !== token.query || app.closed) return;
        app.completion =
          paths.length > 0 ? { ...token, items: paths.map((path) => ({ value: path, label: path, detail: "" })), index: 0 } : undefined;
        app.host.invalidate();
      })
      .catch((error: unknown) => app.fail(error));
  });
}

function offerCommands(app: App, token: Token): void {
  const own = app.commands
    .filter((command) => command.name.startsWith(token.query) && (command.offered?.(app) ?? true))
    .map((command) => ({ value: command.name, label: `/${command.name}`, detail: command.title }));
  const custom = promptCommands(app)
    .filter((command) => command.id.startsWith(token.query) || shortName(command).startsWith(token.query))
    .map(({ id, description, hint }) => ({ value: id, label: `/${id}`, detail: [hint, description].filter(Boolean).join(" · ") }));
  const items = [...own, ...custom];
  app.completion = items.length > 0 ? { ...token, items, index: 0 } : undefined;
}

/** A key while something is offered. */
export function completionKey(app: App, stroke: string): boolean {
  const handler = Object.hasOwn(handlers, stroke) ? handlers[stroke] : undefined;
  handler?.(app);
  return handler !== undefined;
}

function move(app: App, by: number): void {
  const offer = app.completion!;
  offer.index = (offer.index + by + offer.items.length) % offer.items.length;
}

function take(app: App, run: boolean): void {
  const offer = app.completion!;
  const { value } = offer.items[offer.index]!;
  app.completion = undefined;
  if (offer.kind === "command") {
    app.editor.set(`/${value}`);
    if (run) send(app);
    return;
  }
  // A directory goes on being completed; a file is done.
  const directory = value.endsWith("/");
  app.editor.replaceBefore(offer.from, directory ? `@${value}` : `@${value} `);
  app.mentions.add(value);
  if (directory) updateCompletion(app);
}

const handlers: { readonly [stroke: string]: (app: App) => void } = {
  up: (app) => move(app, -1),
  down: (app) => move(app, 1),
  "ctrl+p": (app) => move(app, -1),
  "ctrl+n": (app) => move(app, 1),
  tab: (app) => take(app, false),
  enter: (app) => take(app, true),
  escape: (app) => {
    app.completion = undefined;
  },
};
