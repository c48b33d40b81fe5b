import type { App } from "../app.ts";
import { blank, clipLine, type Line, line, span } from "../layout/line.ts";
import type { Dialog, DialogView } from "./dialog.ts";
import { Scroll } from "./scroll.ts";

/** By scope of the tables; what stands in one group works at the same time. */
const groups: readonly { title: string; scopes: readonly string[] }[] = [
  { title: "Everywhere", scopes: ["always", "global"] },
  { title: "Editor", scopes: ["editor"] },
  { title: "Chat (tab)", scopes: ["chat"] },
  { title: "Permission", scopes: ["permission"] },
  { title: "Question of the agent", scopes: ["question"] },
  { title: "Plan", scopes: ["plan"] },
  { title: "Lists", scopes: ["list"] },
  { title: "Session list", scopes: ["sessions"] },
  { title: "Trust", scopes: ["trust"] },
  { title: "Undo", scopes: ["undo"] },
];

const scrollKeys: { readonly [stroke: string]: keyof Scroll["actions"] } = {
  up: "up",
  k: "up",
  down: "down",
  j: "down",
  pageup: "pageUp",
  pagedown: "pageDown",
  space: "pageDown",
};

const words = (action: string): string => action.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);

/** All key bindings as they are: the tables, and the user's own over them. */
export class HelpDialog implements Dialog {
  readonly name = "help";
  readonly wants = { width: 64, height: 40 };
  private readonly app: App;
  private readonly scroll = new Scroll();

  constructor(app: App) {
    this.app = app;
  }

  key(stroke: string): void {
    const action = scrollKeys[stroke];
    if (action !== undefined) this.scroll.actions[action]();
    else if (stroke === "escape" || stroke === "ctrl+g" || stroke === "q" || stroke === "enter") this.app.close(this.name);
  }

  wheel(notches: number): void {
    this.scroll.wheel(notches);
  }

  view(width: number, height: number): DialogView {
    const { theme, keys } = this.app;
    const all: Line[] = [];
    for (const { title, scopes } of groups) {
      const bindings = Object.assign({}, ...scopes.map((scope) => keys.of(scope))) as { [action: string]: readonly string[] };
      if (all.length > 0) all.push(blank);
      all.push(line(span(title, theme.markdown.heading2)));
      for (const [action, strokes] of Object.entries(bindings)) {
        // "up: up" teaches nobody anything.
        if (strokes.length === 0 || (strokes.length === 1 && strokes[0] === words(action))) continue;
        all.push(clipLine(line(span(`  ${words(action).padEnd(22)}`, theme.text), span(strokes.join(", "), theme.muted)), width));
      }
    }
    const lines = this.scroll.window(all, height);
    return { title: "Help", lines, hint: this.scroll.scrolls ? "↑↓ scroll · esc" : "esc" };
  }
}
