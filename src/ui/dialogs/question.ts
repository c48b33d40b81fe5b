import type { Style } from "../../contracts/view.ts";
import type { Permission, Question, QuestionAnswer } from "../../protocol/index.ts";
import type { KeyEvent } from "../../terminal/input/index.ts";
import type { App } from "../app.ts";
import { LineInput } from "../editor/line-input.ts";
import { answerQuestions, type Choice, choicesOf, resolvePermission } from "../flow/answers.ts";
import { questionKeys, type QuestionAction } from "../keys/question.ts";
import { blank, clipLine, fitLine, type Line, line, span } from "../layout/line.ts";
import { wrap } from "../layout/wrap.ts";
import type { Dialog, DialogView } from "./dialog.ts";
import { ignoredHint, TypingGuard } from "./typing-guard.ts";

/** What has been said to one question so far. */
type Draft = { chosen: Set<string>; words: LineInput; index: number };

/** What the agent asks: one question after the other, with choices or in words; of several a look at all answers before they go. */
export class QuestionDialog implements Dialog {
  readonly name = "permission";
  readonly isSnug = true;
  readonly permission: Permission;
  private readonly app: App;
  private readonly guard: TypingGuard;
  private readonly questions: readonly Question[];
  private readonly drafts: Draft[];
  /** The question that is shown; `questions.length` is the look at all answers. */
  private at = 0;
  private writing: boolean;
  private rows: { from: number; to: number; index: number }[] = [];

  constructor(app: App, permission: Permission) {
    this.app = app;
    this.permission = permission;
    this.guard = new TypingGuard(app);
    this.questions = permission.questions ?? [];
    this.drafts = this.questions.map(() => ({ chosen: new Set(), words: new LineInput(), index: 0 }));
    this.writing = this.questions[0]?.kind === "free_text";
  }

  get wants(): { width: number; height: number } {
    return { width: 84, height: 20 };
  }

  key(stroke: string, event: KeyEvent): void {
    if (!this.guard.takes()) return;
    const question = this.questions[this.at];
    if (question === undefined) {
      this.confirmKey(stroke);
      return;
    }
    if (this.writing) {
      this.wordsKey(stroke, event, question);
      return;
    }
    const digit = /^[1-9]$/.test(stroke) ? Number(stroke) - 1 : -1;
    if (digit >= 0 && digit <= choicesOf(question).length) this.pick(digit);
    else {
      const action = questionKeys(stroke, this.app.keys);
      if (action) this.actions[action]();
    }
  }

  private readonly actions: { readonly [A in QuestionAction]: () => void } = {
    up: () => this.move(-1),
    down: () => this.move(1),
    toggle: () => this.toggle(),
    choose: () => this.choose(),
    next: () => {
      if (this.answered(this.at)) this.go(this.at + 1);
    },
    back: () => this.go(this.at - 1),
    none: () => this.decline(),
  };

  private get draft(): Draft {
    return this.drafts[this.at]!;
  }

  private get choices(): readonly Choice[] {
    return choicesOf(this.questions[this.at]!);
  }

  private get multiple(): boolean {
    return this.questions[this.at]?.kind === "multi_choice";
  }

  private move(by: number): void {
    const count = this.choices.length + 1;
    this.draft.index = (this.draft.index + by + count) % count;
  }

  /** A number, or a click: the choice under it is taken, of several it is ticked. */
  private pick(index: number): void {
    this.draft.index = index;
    if (this.multiple) this.toggle();
    else this.choose();
  }

  private toggle(): void {
    const choice = this.choices[this.draft.index];
    if (!this.multiple || choice === undefined) {
      this.choose();
      return;
    }
    const { chosen } = this.draft;
    if (!chosen.delete(choice.id)) chosen.add(choice.id);
  }

  private choose(): void {
    const { draft } = this;
    const choice = this.choices[draft.index];
    if (choice === undefined) {
      this.writing = true;
      return;
    }
    if (this.multiple) {
      // With nothing ticked, enter means the one under the mark.
      if (draft.chosen.size === 0) draft.chosen.add(choice.id);
    } else draft.chosen = new Set([choice.id]);
    this.go(this.at + 1);
  }

  private wordsKey(stroke: string, event: KeyEvent, question: Question): void {
    if (stroke === "enter") {
      if (!this.answered(this.at)) return;
      if (question.kind !== "multi_choice" && this.draft.words.text.trim() !== "") this.draft.chosen.clear();
      this.go(this.at + 1);
    } else if (stroke === "escape") {
      if (question.kind === "free_text") this.decline();
      else this.writing = false;
    } else this.draft.words.key(stroke, event);
  }

  private confirmKey(stroke: string): void {
    if (stroke === "enter" || stroke === "y") this.send();
    else if (stroke === "left" || stroke === "backspace" || stroke === "shift+tab") this.go(this.questions.length - 1);
    else if (stroke === "escape") this.decline();
  }

  private go(to: number): void {
    if (to < 0) return;
    this.at = Math.min(to, this.questions.length);
    this.writing = this.questions[this.at]?.kind === "free_text";
    // One answer needs no second look.
    if (this.at === this.questions.length && this.questions.length === 1) this.send();
  }

  private answered(at: number): boolean {
    const draft = this.drafts[at];
    return draft !== undefined && (draft.chosen.size > 0 || draft.words.text.trim() !== "");
  }

  private send(): void {
    const answers = this.drafts.map(({ chosen, words }): QuestionAnswer => {
      const text = words.text.trim();
      return { ...(chosen.size > 0 ? { choices: [...chosen] } : {}), ...(text === "" ? {} : { text }) };
    });
    answerQuestions(this.app, this.permission, answers);
  }

  private decline(): void {
    resolvePermission(this.app, this.permission, "deny");
  }

  paste(text: string): void {
    if (this.writing) this.draft.words.paste(text);
  }

  click(row: number): void {
    const hit = this.rows.find((each) => row >= each.from && row < each.to);
    if (hit && !this.writing && this.questions[this.at] !== undefined && this.guard.takes()) this.pick(hit.index);
  }

  view(width: number, height: number): DialogView {
    const question = this.questions[this.at];
    const view = question === undefined ? this.confirmView(width) : this.questionView(question, width);
    return { ...view, lines: view.lines.slice(0, Math.max(1, height)) };
  }

  private questionView(question: Question, width: number): DialogView {
    const { theme } = this.app;
    const { draft } = this;
    const lines: Line[] = wrap([{ text: question.question, style: theme.strong }], width);
    if (question.description) lines.push(...wrap([{ text: question.description, style: theme.muted }], width));
    lines.push(blank);
    this.rows = [];
    const add = (words: string, index: number, style: Style): void => {
      const isHere = index === draft.index && !this.writing;
      const row = clipLine(line(span(words, isHere ? theme.selected : style)), width);
      lines.push(isHere ? fitLine(row, width, theme.selected) : row);
    };
    this.choices.forEach((choice, index) => {
      const from = lines.length;
      const tick = this.multiple ? (draft.chosen.has(choice.id) ? "[x] " : "[ ] ") : "";
      add(` ${index + 1}  ${tick}${choice.label} `, index, theme.text);
      if (choice.description) {
        for (const each of wrap([{ text: choice.description, style: theme.muted }], Math.max(1, width - 4)))
          lines.push(line(span("    ", theme.text), ...each.spans));
      }
      this.rows.push({ from, to: lines.length, index });
    });
    const last = this.choices.length;
    let cursor: { row: number; col: number } | undefined;
    if (this.writing) {
      const input = draft.words.view(Math.max(1, width - 2), theme, "your answer");
      cursor = { row: lines.length, col: input.col + 2 };
      lines.push(line(span("> ", theme.primary), ...input.line.spans));
    } else {
      const words = draft.words.text.trim();
      this.rows.push({ from: lines.length, to: lines.length + 1, index: last });
      add(` ${last + 1}  ${words === "" ? "In words…" : `In words: ${words}`} `, last, theme.muted);
    }
    const count = this.questions.length;
    const label = question.label ? `: ${question.label}` : "";
    return {
      title: count > 1 ? `The agent asks, ${this.at + 1} of ${count}${label}` : `The agent asks${label}`,
      lines,
      hint: this.guard.ignored ? ignoredHint : this.hint(),
      ...(cursor && { cursor }),
    };
  }

  private hint(): string {
    const back = this.at > 0 ? " · ← back" : "";
    if (this.writing)
      return `enter answers · esc ${this.questions[this.at]?.kind === "free_text" ? "gives no answer" : "back to the choices"}`;
    return `${this.multiple ? "space ticks · enter goes on" : "↑↓ enter, or its number"}${back} · esc gives no answer`;
  }

  private confirmView(width: number): DialogView {
    const { theme } = this.app;
    const lines = this.questions.flatMap((question, index): Line[] => {
      const { chosen, words } = this.drafts[index]!;
      const labels = [...chosen].map((id) => choicesOf(question).find((choice) => choice.id === id)?.label ?? id);
      const said = [...labels, ...(words.text.trim() === "" ? [] : [`"${words.text.trim()}"`])].join(", ");
      return [
        ...wrap([{ text: question.question, style: theme.muted }], width),
        ...wrap([{ text: `→ ${said}`, style: theme.strong }], width),
      ];
    });
    return { title: "Your answers", lines, hint: this.guard.ignored ? ignoredHint : "enter sends · ← back · esc gives no answer" };
  }
}
