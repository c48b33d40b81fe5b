import type { KeyEvent } from "../../terminal/input/index.ts";
import { LineInput } from "../editor/line-input.ts";
import { type ListAction, listKeys } from "../keys/list.ts";
import type { UserKeys } from "../keys/user-keys.ts";
import { blank, clipLine, fitLine, justified, type Line, line, span } from "../layout/line.ts";
import type { Theme } from "../theme/index.ts";
import type { Dialog, DialogView } from "./dialog.ts";
import { fuzzyFilter } from "./fuzzy.ts";

export type ListItem = { id: string; label: string; detail?: string; note?: string; marked?: boolean };

export type ListOptions = {
  name: string;
  title: () => string;
  placeholder: string;
  hint: () => string;
  items: () => readonly ListItem[];
  empty: () => string;
  theme: Theme;
  keys?: UserKeys;
  choose: (item: ListItem) => void;
  close: () => void;
  /** Keys of this list beyond those of every list; true when it took one. */
  key?: (stroke: string, event: KeyEvent, item: ListItem | undefined) => boolean;
  /** Lines under the filter, for a question about the chosen item. */
  question?: () => { line: Line; cursor?: number } | undefined;
  paste?: (text: string) => boolean;
};

/** A list with a filter: commands, sessions, models. */
export class ListDialog implements Dialog {
  readonly name: string;
  private readonly options: ListOptions;
  private readonly filter = new LineInput();
  private index = 0;
  private first = 0;
  private visible = 1;

  constructor(options: ListOptions) {
    this.options = options;
    this.name = options.name;
  }

  /** By all that it lists, not by what the filter leaves: the box must not jump while one types. */
  get wants(): { width: number; height: number } {
    return { width: 72, height: Math.max(6, Math.min(18, this.options.items().length + 2)) };
  }

  private shown(): ListItem[] {
    return fuzzyFilter(this.options.items(), this.filter.text, (item) => `${item.label} ${item.detail ?? ""}`);
  }

  key(stroke: string, event: KeyEvent): void {
    const items = this.shown();
    const item = items[this.index];
    if (this.options.key?.(stroke, event, item)) return;
    const action = listKeys(stroke, this.options.keys);
    if (action) this.actions[action](items, stroke, event);
    else if (this.filter.key(stroke, event)) this.index = 0;
  }

  private readonly actions: { readonly [A in ListAction]: (items: ListItem[], stroke: string, event: KeyEvent) => void } = {
    up: (items) => this.move(items, -1, true),
    down: (items) => this.move(items, 1, true),
    pageUp: (items) => this.move(items, -this.visible, false),
    pageDown: (items) => this.move(items, this.visible, false),
    top: (items) => this.move(items, -items.length, false),
    end: (items) => this.move(items, items.length, false),
    choose: (items) => {
      const item = items[this.index];
      if (item) this.options.choose(item);
    },
    close: () => this.options.close(),
    deleteBack: (_, stroke, event) => this.edit(stroke, event),
    clear: (_, stroke, event) => this.edit(stroke, event),
  };

  private edit(stroke: string, event: KeyEvent): void {
    this.filter.key(stroke, event);
    this.index = 0;
  }

  private move(items: ListItem[], by: number, around: boolean): void {
    const to = this.index + by;
    const count = items.length;
    if (count > 0) this.index = around ? (to + count) % count : Math.max(0, Math.min(count - 1, to));
  }

  paste(text: string): void {
    if (this.options.paste?.(text)) return;
    this.filter.paste(text);
    this.index = 0;
  }

  wheel(notches: number): void {
    this.move(this.shown(), notches, false);
  }

  click(row: number): void {
    const item = this.shown()[this.first + row - 2];
    if (row >= 2 && item) this.options.choose(item);
  }

  view(width: number, height: number): DialogView {
    const { theme } = this.options;
    const items = this.shown();
    this.index = Math.max(0, Math.min(this.index, items.length - 1));
    this.visible = Math.max(1, height - 2);
    if (this.index < this.first) this.first = this.index;
    if (this.index >= this.first + this.visible) this.first = this.index - this.visible + 1;
    this.first = Math.max(0, Math.min(this.first, items.length - this.visible));
    const question = this.options.question?.();
    const filter = this.filter.view(width - 2, theme, this.options.placeholder);
    const head = question ? question.line : line(span("> ", theme.primary), ...filter.line.spans);
    const rows = items
      .slice(this.first, this.first + this.visible)
      .map((item, i) => itemLine(item, this.first + i === this.index, width, theme));
    if (items.length === 0) rows.push(clipLine(line(span(this.options.empty(), theme.muted)), width));
    const cursor = question ? question.cursor : filter.col + 2;
    return {
      title: this.options.title(),
      lines: [clipLine(head, width), blank, ...rows],
      hint: this.options.hint(),
      ...(cursor === undefined ? {} : { cursor: { row: 0, col: cursor } }),
    };
  }
}

function itemLine(item: ListItem, selected: boolean, width: number, theme: Theme): Line {
  const label = selected ? theme.selected : theme.text;
  const soft = selected ? theme.selected : theme.muted;
  const left = line(
    span(item.marked ? "• " : "  ", selected ? theme.selected : theme.primary),
    span(item.label, label),
    ...(item.detail ? [span(`  ${item.detail}`, soft)] : []),
  );
  const right = item.note ? line(span(`${item.note} `, soft)) : line();
  const row = justified(left, right, width);
  if (!selected) return row;
  return fitLine(
    { ...row, spans: row.spans.map((each) => (each.text.trim() === "" ? { ...each, style: theme.selected } : each)) },
    width,
    theme.selected,
  );
}
