import type { ProjectFile } from "../../protocol/index.ts";
import type { App } from "../app.ts";
import { type TrustAction, trustKeys } from "../keys/trust.ts";
import { diffLines } from "../layout/diff.ts";
import { blank, clipLine, type Line, line, span } from "../layout/line.ts";
import { wrap } from "../layout/wrap.ts";
import { nameIn } from "../views/paths.ts";
import type { Dialog, DialogView } from "./dialog.ts";
import { Scroll } from "./scroll.ts";
import { ignoredHint, TypingGuard } from "./typing-guard.ts";

/**
 * Asks whether a project's own configuration may count: shows each file whole, or what changed since it was trusted. A yes is given
 * to exactly what is shown, and only once its end has been in sight.
 */
export class TrustDialog implements Dialog {
  readonly name = "trust";
  readonly isSnug = true;
  private readonly app: App;
  private readonly files: readonly ProjectFile[];
  private readonly decided: (decision: "grant" | "decline") => void;
  private readonly guard: TypingGuard;
  private laid: { width: number; theme: App["theme"]; lines: Line[] } | undefined;
  private full = false;
  private readonly scroll = new Scroll();
  private unread = false;

  constructor(app: App, files: readonly ProjectFile[], decided: (decision: "grant" | "decline") => void) {
    this.app = app;
    this.files = files;
    this.decided = decided;
    this.guard = new TypingGuard(app);
  }

  get wants(): { width: number; height: number } {
    return this.full ? { width: 10_000, height: 10_000 } : { width: 100, height: 26 };
  }

  key(stroke: string): void {
    this.unread = false;
    if (!this.guard.takes()) return;
    const action = trustKeys(stroke, this.app.keys);
    if (action) this.actions[action]();
  }

  private readonly actions: { readonly [A in TrustAction]: () => void } = {
    trust: () => {
      // Nobody has agreed to what was never shown.
      if (this.scroll.atEnd) this.decide("grant");
      else this.unread = true;
    },
    decline: () => this.decide("decline"),
    later: () => this.app.close(this.name),
    ...this.scroll.actions,
    fullscreen: () => {
      this.full = !this.full;
    },
  };

  private decide(decision: "grant" | "decline"): void {
    this.app.close(this.name);
    this.decided(decision);
  }

  wheel(notches: number): void {
    this.scroll.wheel(notches);
  }

  view(width: number, height: number): DialogView {
    const { theme } = this.app;
    if (this.laid?.width !== width || this.laid.theme !== theme) this.laid = { width, theme, lines: this.lines(width) };
    const all = this.laid.lines;
    const foot = clipLine(line(span("Trust exactly this (y)   No (n)   Ask later (esc)", theme.muted)), width);
    const room = Math.max(1, height - 2);
    const shown = this.scroll.window(all, room);
    const scrolls = this.scroll.scrolls ? `${this.scroll.shown}/${all.length} lines · ↑↓ space · f full screen` : "";
    return {
      title: "This project brings its own configuration",
      lines: [...shown, blank, foot],
      hint: this.guard.ignored ? ignoredHint : this.unread ? "read it to its end first: space, then y" : scrolls,
    };
  }

  private lines(width: number): Line[] {
    const { theme, host } = this.app;
    const out: Line[] = wrap(
      [
        {
          text: "It counts only if you say so: it could run commands, use your keys or send them elsewhere. Nothing of it has been used.",
          style: theme.text,
        },
      ],
      width,
    );
    for (const { file, state, script, keys, patch } of this.files) {
      const says = script ? "a script, which would be run with all that it calls" : `sets ${keys.join(", ")}`;
      const was = state === "changed" ? "changed since you trusted it; " : "";
      out.push(
        blank,
        ...wrap([{ text: nameIn(host.workspace, file), style: theme.strong }], width),
        ...wrap([{ text: `${was}${says}`, style: theme.warning }], width),
        ...diffLines(patch, script ? "crushrc.sh" : file, width, theme),
      );
    }
    return out;
  }
}
