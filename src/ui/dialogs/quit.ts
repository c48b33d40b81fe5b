import type { App } from "../app.ts";
import { line, span } from "../layout/line.ts";
import { wrap } from "../layout/wrap.ts";
import type { Dialog, DialogView } from "./dialog.ts";

/** Asks before leaving. ctrl+c again leaves at once; the session goes on without a terminal. */
export class QuitDialog implements Dialog {
  readonly name = "quit";
  readonly isSnug = true;
  readonly wants = { width: 56, height: 5 };
  private readonly app: App;

  constructor(app: App) {
    this.app = app;
  }

  key(stroke: string): void {
    if (stroke === "y" || stroke === "enter") this.leave();
    else if (stroke === "n" || stroke === "escape" || stroke === "q") this.app.close(this.name);
  }

  leave(): void {
    this.app.leave();
  }

  view(width: number): DialogView {
    const { theme, running } = this.app;
    const text = running ? "Leave? The turn goes on in the background; come back with crush -C." : "Leave Crush?";
    return {
      title: "Quit",
      lines: [...wrap([{ text, style: theme.text }], width), line(), line(span("y yes · n no · ctrl+c leaves at once", theme.muted))],
      hint: "",
    };
  }
}
