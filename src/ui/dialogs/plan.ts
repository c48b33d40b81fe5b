import type { Permission } from "../../protocol/index.ts";
import type { KeyEvent } from "../../terminal/input/index.ts";
import type { App } from "../app.ts";
import { LineInput } from "../editor/line-input.ts";
import { resolvePermission } from "../flow/answers.ts";
import { type PlanAction, planKeys } from "../keys/plan.ts";
import { blank, clipLine, type Line, line, span } from "../layout/line.ts";
import { layoutMarkdown } from "../layout/markdown.ts";
import { readInput } from "../views/transcript/tool-titles.ts";
import type { Dialog, DialogView } from "./dialog.ts";
import { Scroll } from "./scroll.ts";
import { ignoredHint, TypingGuard } from "./typing-guard.ts";

/** Shows a plan: approved it is carried out, sent back with words it is made anew. */
export class PlanDialog implements Dialog {
  readonly name = "permission";
  readonly isSnug = true;
  readonly permission: Permission;
  private readonly app: App;
  private readonly guard: TypingGuard;
  private readonly plan: string;
  private readonly words = new LineInput();
  private laid: { width: number; theme: App["theme"]; lines: readonly Line[] } | undefined;
  private writing = false;
  private full = false;
  private readonly scroll = new Scroll();

  constructor(app: App, permission: Permission) {
    this.app = app;
    this.permission = permission;
    this.guard = new TypingGuard(app);
    this.plan = String(readInput(permission.input)["plan"] ?? "");
  }

  get wants(): { width: number; height: number } {
    return this.full ? { width: 10_000, height: 10_000 } : { width: 100, height: 24 };
  }

  key(stroke: string, event: KeyEvent): void {
    if (!this.guard.takes()) return;
    if (this.writing) {
      if (stroke === "escape") this.writing = false;
      else if (stroke !== "enter") this.words.key(stroke, event);
      else if (this.words.text.trim() !== "") this.answer("deny", this.words.text.trim());
      return;
    }
    const action = planKeys(stroke, this.app.keys);
    if (action) this.actions[action]();
  }

  private readonly actions: { readonly [A in PlanAction]: () => void } = {
    approve: () => this.answer("allow"),
    sendBack: () => {
      this.writing = true;
    },
    stop: () => this.answer("deny"),
    ...this.scroll.actions,
    fullscreen: () => {
      this.full = !this.full;
    },
  };

  private answer(decision: "allow" | "deny", message = ""): void {
    resolvePermission(this.app, this.permission, decision, { message });
  }

  paste(text: string): void {
    if (this.writing) this.words.paste(text);
  }

  wheel(notches: number): void {
    this.scroll.wheel(notches);
  }

  view(width: number, height: number): DialogView {
    const { theme } = this.app;
    if (this.laid?.width !== width || this.laid.theme !== theme)
      this.laid = { width, theme, lines: layoutMarkdown(this.plan, width, theme) };
    const body = this.laid.lines;
    const foot: Line[] = this.writing
      ? []
      : [clipLine(line(span("Approve (a)   Send back with words (m)   Stop (d)", theme.muted)), width)];
    const input = this.writing ? this.words.view(Math.max(1, width - 2), theme, "what should be different") : undefined;
    if (input) foot.push(line(span("> ", theme.primary), ...input.line.spans));
    const room = Math.max(1, height - foot.length - 1);
    const lines = [...this.scroll.window(body, room), blank, ...foot];
    const scrolls = this.scroll.scrolls ? `${this.scroll.shown}/${body.length} lines · ↑↓ · f full screen · ` : "";
    return {
      title: "A plan: nothing is changed until you approve it",
      lines,
      hint: this.guard.ignored ? ignoredHint : this.writing ? "enter sends it back · esc" : `${scrolls}esc stops`,
      ...(input && { cursor: { row: lines.length - 1, col: input.col + 2 } }),
    };
  }
}
