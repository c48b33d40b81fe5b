import type { ViewHost } from "../../contracts/view.ts";
import { App, type Command } from "../app.ts";
import type { Dialog } from "../dialogs/dialog.ts";

/** The state of the view in plain mode: what would be shown for a while is said once, and nothing runs on a timer. */
export class PlainApp extends App {
  private readonly tell: (line: string) => void;
  private readonly asks: () => void;

  constructor(host: ViewHost, commands: readonly Command[], tell: (line: string) => void, asks: () => void) {
    super(host, commands, 80, 24);
    this.tell = tell;
    this.asks = asks;
  }

  override say(text: string, kind: "info" | "error" = "info"): void {
    this.tell(kind === "error" ? `Error: ${text}` : text);
    this.host.invalidate();
  }

  override animate(): void {}

  override open(_: Dialog): void {
    this.say("This opens a dialog, which plain mode does not have; /help lists what it has");
  }

  override syncPermission(): void {
    this.asks();
  }

  override leave(): void {
    const session = this.session?.session;
    this.host.effect({ effect: "quit", ...(session ? { text: `Go on with it: crush --plain -s ${session.hash.slice(0, 7)}` } : {}) });
  }
}
