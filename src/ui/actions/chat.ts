import type { App } from "../app.ts";
import { loadOlder } from "../flow/open-session.ts";
import { copy } from "../flow/send.ts";
import { type ChatAction, chatKeys } from "../keys/chat.ts";

/** Scrolls the transcript; at its start older history is paged in. */
export function scrollBy(app: App, lines: number): void {
  if (app.transcript.scroll(lines, app.transcriptHeight)) loadOlder(app);
}

const half = (app: App): number => Math.max(1, app.transcriptHeight >> 1);
const page = (app: App): number => Math.max(1, app.transcriptHeight - 2);

const actions: { readonly [A in ChatAction]: (app: App) => void } = {
  up: (app) => scrollBy(app, -1),
  down: (app) => scrollBy(app, 1),
  previous: (app) => app.transcript.select(-1, app.transcriptHeight),
  next: (app) => app.transcript.select(1, app.transcriptHeight),
  halfUp: (app) => scrollBy(app, -half(app)),
  halfDown: (app) => scrollBy(app, half(app)),
  pageUp: (app) => scrollBy(app, -page(app)),
  pageDown: (app) => scrollBy(app, page(app)),
  top: (app) => {
    app.transcript.toStart(app.transcriptHeight);
    loadOlder(app);
  },
  end: (app) => app.transcript.toEnd(),
  copy: (app) => {
    if (app.selection.active) {
      copy(app, app.selection.text(app.transcript));
      return;
    }
    const block = app.transcript.block(app.transcript.selected ?? app.transcript.blocks.at(-1)?.key ?? "");
    if (block) copy(app, block.text());
  },
  expand: (app) => {
    const key = app.transcript.selected ?? app.transcript.blocks.findLast((block) => block.foldable)?.key;
    if (key !== undefined) app.transcript.toggle(key);
  },
  leave: (app) => {
    app.focus = "editor";
    app.transcript.selected = undefined;
  },
};

export function chatKey(app: App, stroke: string): boolean {
  const action = chatKeys(stroke, app.keys);
  if (action !== undefined) actions[action](app);
  return action !== undefined;
}
