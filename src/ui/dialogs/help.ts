import type { App } from "../app.ts";
import { blank, clipLine, type Line, line, span } from "../layout/line.ts";
import type { Dialog, DialogView } from "./dialog.ts";

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

const words = (action: string): string => action.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);

/** All key bindings as they are: the tables, and the user's own over them. */
export class HelpDialog implements Dialog {
  readonly name = "help";
  readonly wants = { width: 64, height: 40 };
  private readonly app: App;
  private offset = 0;
  private overflow = 0;
  private page = 1;

  constructor(app: App) {
    this.app = app;
  }

  key(stroke: string): void {
    const by = { up: -1, k: -1, down: 1, j: 1, pageup: -this.page, pagedown: this.page, space: this.page }[stroke];
    if (by !== undefined) this.wheelBy(by);
    else if (stroke === "escape" || stroke === "ctrl+g" || stroke === "q" || stroke === "enter") this.app.close(this.name);
  }

  wheel(notches: number): void {
    this.wheelBy(notches * 3);
  }

  private wheelBy(lines: number): void {
    this.offset = Math.max(0, Math.min(this.overflow, this.offset + lines));
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
    this.page = Math.max(1, height);
    this.overflow = Math.max(0, all.length - height);
    this.offset = Math.min(this.offset, this.overflow);
    return { title: "Help", lines: all.slice(this.offset, this.offset + height), hint: this.overflow > 0 ? "↑↓ scroll · esc" : "esc" };
  }
}
