import type { PromptCommand } from "../../protocol/index.ts";
import type { KeyEvent } from "../../terminal/input/index.ts";
import type { App } from "../app.ts";
import { LineInput } from "../editor/line-input.ts";
import { blank, clipLine, type Line, line, span } from "../layout/line.ts";
import type { Dialog, DialogView } from "./dialog.ts";

/** One line of input for each name that a custom command asks for. */
export class ArgumentsDialog implements Dialog {
  readonly name = "arguments";
  private readonly app: App;
  private readonly command: PromptCommand;
  private readonly done: (values: Record<string, string>) => void;
  private readonly inputs: { name: string; input: LineInput }[];
  private at = 0;

  constructor(app: App, command: PromptCommand, done: (values: Record<string, string>) => void) {
    this.app = app;
    this.command = command;
    this.done = done;
    this.inputs = command.arguments.map((name) => ({ name, input: new LineInput() }));
  }

  get wants(): { width: number; height: number } {
    return { width: 72, height: this.inputs.length * 3 + (this.command.description ? 2 : 0) };
  }

  key(stroke: string, event: KeyEvent): void {
    const handler = Object.hasOwn(this.keys, stroke) ? this.keys[stroke] : undefined;
    if (handler) handler();
    else this.inputs[this.at]?.input.key(stroke, event);
  }

  private readonly keys: { readonly [stroke: string]: () => void } = {
    escape: () => this.app.close(this.name),
    tab: () => this.move(1),
    down: () => this.move(1),
    "shift+tab": () => this.move(-1),
    up: () => this.move(-1),
    enter: () => {
      if (this.at + 1 < this.inputs.length) this.move(1);
      else this.send();
    },
    "ctrl+enter": () => this.send(),
  };

  private move(by: number): void {
    this.at = (this.at + by + this.inputs.length) % this.inputs.length;
  }

  private send(): void {
    this.app.close(this.name);
    this.done(Object.fromEntries(this.inputs.map(({ name, input }) => [name, input.text])));
  }

  paste(text: string): void {
    this.inputs[this.at]?.input.paste(text);
  }

  view(width: number, height: number): DialogView {
    const { theme } = this.app;
    const { description } = this.command;
    const head: Line[] = description ? [clipLine(line(span(description, theme.muted)), width), blank] : [];
    let cursor = { row: 0, col: 0 };
    const body = this.inputs.flatMap(({ name, input }, i): Line[] => {
      const active = i === this.at;
      const shown = input.view(Math.max(1, width - 3), theme);
      if (active) cursor = { row: head.length + i * 3 + 1, col: shown.col + 2 };
      const label = line(span(name, active ? theme.strong : theme.muted));
      return [clipLine(label, width), clipLine(line(span("> ", active ? theme.primary : theme.faint), ...shown.line.spans), width), blank];
    });
    // In a low window the rows around the cursor are shown.
    const from = Math.max(0, Math.min(cursor.row + 2 - height, head.length + body.length - height));
    return {
      title: `/${this.command.id}`,
      lines: [...head, ...body].slice(from, from + height),
      cursor: { row: cursor.row - from, col: cursor.col },
      hint: this.at + 1 < this.inputs.length ? "enter next · esc closes" : "enter sends · esc closes",
    };
  }
}
