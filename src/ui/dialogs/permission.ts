import type { Permission, PermissionScope } from "../../protocol/index.ts";
import type { KeyEvent } from "../../terminal/input/index.ts";
import type { App } from "../app.ts";
import { LineInput } from "../editor/line-input.ts";
import { resolvePermission } from "../flow/answers.ts";
import { type PermissionAction, permissionKeys } from "../keys/permission.ts";
import { diffLines } from "../layout/diff.ts";
import { blank, clipLine, type Line, line, type Span, span } from "../layout/line.ts";
import { wrap } from "../layout/wrap.ts";
import { nameIn } from "../views/paths.ts";
import { readInput, toolLabel } from "../views/transcript/tool-titles.ts";
import type { Dialog, DialogView } from "./dialog.ts";
import { Scroll } from "./scroll.ts";
import { ignoredHint, TypingGuard } from "./typing-guard.ts";

type Choice = { action: "allow" | "session" | "always" | "deny" | "message"; label: string };
type Step = "choose" | "always" | "message";

/** Asks whether a tool call may run: what it is, exactly; why it is asked; the diff of an edit. */
export class PermissionDialog implements Dialog {
  readonly name = "permission";
  readonly isSnug = true;
  readonly permission: Permission;
  private readonly app: App;
  private step: Step = "choose";
  private index = 0;
  private readonly scroll = new Scroll();
  private full = false;
  private readonly words = new LineInput();
  private readonly guard: TypingGuard;
  private choiceSpans: { from: number; to: number; index: number }[] = [];
  private choiceRow = -1;

  constructor(app: App, permission: Permission) {
    this.app = app;
    this.permission = permission;
    this.guard = new TypingGuard(app);
  }

  get wants(): { width: number; height: number } {
    return this.full ? { width: 10_000, height: 10_000 } : { width: 100, height: this.permission.diff ? 24 : 14 };
  }

  private get choices(): Choice[] {
    return [
      { action: "allow", label: "Allow (a)" },
      { action: "session", label: "For session (s)" },
      ...(this.permission.pattern ? [{ action: "always", label: "Always… (w)" } as const] : []),
      { action: "deny", label: "Deny (d)" },
      { action: "message", label: "Deny with words (m)" },
    ];
  }

  key(stroke: string, event: KeyEvent): void {
    if (!this.guard.takes()) return;
    if (this.step === "message") this.messageKey(stroke, event);
    else if (this.step === "always") this.alwaysKey(stroke);
    else {
      const action = permissionKeys(stroke, this.app.keys);
      if (action) this.actions[action]();
    }
  }

  private readonly actions: { readonly [A in PermissionAction]: () => void } = {
    allow: () => this.answer("allow", { scope: "once" }),
    session: () => this.answer("allow", { scope: "session" }),
    always: () => {
      if (this.permission.pattern) this.step = "always";
    },
    deny: () => this.answer("deny"),
    message: () => {
      this.step = "message";
    },
    left: () => this.turn(-1),
    right: () => this.turn(1),
    choose: () => this.actions[this.choices[this.index]!.action](),
    ...this.scroll.actions,
    later: () => this.answer("deny"),
    fullscreen: () => {
      this.full = !this.full;
    },
  };

  private turn(by: number): void {
    const count = this.choices.length;
    this.index = (this.index + by + count) % count;
  }

  private messageKey(stroke: string, event: KeyEvent): void {
    if (stroke === "escape") this.step = "choose";
    else if (stroke === "enter") this.answer("deny", { message: this.words.text.trim() });
    else this.words.key(stroke, event);
  }

  private alwaysKey(stroke: string): void {
    if (stroke === "enter" || stroke === "y" || stroke === "w") this.answer("allow", { scope: "always" });
    else if (stroke === "escape" || stroke === "n") this.step = "choose";
  }

  private answer(decision: "allow" | "deny", more: { scope?: PermissionScope; message?: string } = {}): void {
    resolvePermission(this.app, this.permission, decision, more);
  }

  paste(text: string): void {
    if (this.step === "message") this.words.paste(text);
  }

  wheel(notches: number): void {
    this.scroll.wheel(notches);
  }

  click(row: number, col: number): void {
    if (row !== this.choiceRow || this.step !== "choose") return;
    const hit = this.choiceSpans.find((each) => col >= each.from && col < each.to);
    if (hit) this.actions[this.choices[hit.index]!.action]();
  }

  view(width: number, height: number): DialogView {
    const { permission } = this;
    const { theme } = this.app;
    const body = this.body(width);
    const foot = this.foot(width);
    const head = wrap([{ text: permission.why, style: theme.warning }], width);
    const room = Math.max(1, height - head.length - foot.lines.length - 2);
    const above = [...head, blank, ...this.scroll.window(body, room), blank];
    this.choiceRow = this.step === "choose" ? above.length : -1;
    return {
      title: `Permission: ${toolLabel(permission.tool)} (${permission.action})`,
      lines: [...above, ...foot.lines],
      hint: this.hint(body.length),
      ...(foot.cursor === undefined ? {} : { cursor: { row: above.length + foot.lines.length - 1, col: foot.cursor } }),
    };
  }

  private hint(count: number): string {
    if (this.guard.ignored) return ignoredHint;
    if (this.step !== "choose") return "";
    return this.scroll.scrolls
      ? `${this.scroll.shown}/${count} lines · ↑↓ wheel scroll · f ${this.full ? "small" : "full screen"}`
      : "←→ enter · esc denies";
  }

  private body(width: number): Line[] {
    const { permission } = this;
    const { theme } = this.app;
    const input = readInput(permission.input);
    const command = typeof input["command"] === "string" ? input["command"] : undefined;
    // The command as it will be run, not a summary: controls are made visible by the layout.
    const title = wrap([{ text: command ?? permission.title, style: theme.strong }], width);
    const path = this.place(command !== undefined, width);
    const diff = permission.diff ? [blank, ...diffLines(permission.diff, permission.path ?? "", width, theme)] : [];
    const raw =
      !permission.diff && command === undefined && permission.input.length > 2
        ? [blank, ...wrap([{ text: permission.input.slice(0, 16_384), style: theme.muted }], width)]
        : [];
    return [...title, ...path, ...diff, ...raw];
  }

  /** Where it happens, unless the title says it already: in the workspace paths are told as one writes them there. */
  private place(isCommand: boolean, width: number): Line[] {
    const { path, title } = this.permission;
    const { theme, host } = this.app;
    if (!path || path === host.workspace || title.includes(path)) return [];
    const name = nameIn(host.workspace, path);
    if (title.includes(name)) return [];
    return wrap([{ text: `${isCommand ? "in " : ""}${name}`, style: name === path ? theme.warning : theme.muted }], width);
  }

  private foot(width: number): { lines: Line[]; cursor?: number } {
    const { theme } = this.app;
    if (this.step === "always") {
      return {
        lines: [
          ...wrap([{ text: "This rule will be saved and allows, without asking again:", style: theme.text }], width),
          ...wrap([{ text: `  ${this.permission.pattern ?? ""}`, style: theme.strong }], width),
          clipLine(line(span("Save it: enter or y · back: esc", theme.muted)), width),
        ],
      };
    }
    if (this.step === "message") {
      const input = this.words.view(Math.max(1, width - 2), theme, "what the model should do instead");
      return {
        lines: [
          clipLine(line(span("Denied, and the model is told (enter sends, esc goes back):", theme.muted)), width),
          line(span("> ", theme.primary), ...input.line.spans),
        ],
        cursor: input.col + 2,
      };
    }
    return { lines: this.choiceLines(width) };
  }

  private choiceLines(width: number): Line[] {
    const { theme } = this.app;
    this.choiceSpans = [];
    const lines: Line[] = [];
    let spans: Span[] = [];
    let col = 0;
    this.choices.forEach((choice, index) => {
      const button = span(` ${choice.label} `, index === this.index ? theme.selected : theme.muted);
      if (col > 0 && col + button.width > width) {
        lines.push(line(...spans));
        spans = [];
        col = 0;
      }
      if (lines.length === 0) this.choiceSpans.push({ from: col, to: col + button.width, index });
      spans.push(button, span(" ", theme.text));
      col += button.width + 1;
    });
    return [...lines, line(...spans)];
  }
}
