import type { KeyEvent } from "../../terminal/input/index.ts";
import { LineInput } from "../editor/line-input.ts";
import { type ListAction, listKeys } from "../keys/list.ts";
import type { UserKeys } from "../keys/user-keys.ts";
import { blank, clipLine, fitLine, justified, type Line, line, span } from "../layout/line.ts";
import type { Theme } from "../theme/index.ts";
import type { Dialog, DialogView } from "./dialog.ts";
import { fuzzyFilter } from "./fuzzy.ts";

/** `group`: items of one name stand together under it, unless a filter has put them in another order. */
export type ListItem = { id: string; label: string; detail?: string; note?: string; marked?: boolean; group?: string };

export type ListOptions = {
  name: string;
  title: () => string;
  placeholder: string;
  hint: (item: ListItem | undefined) => string;
  items: () => readonly ListItem[];
  /** Items that are found in another way than by the filter's letters; they stand behind the others. */
  found?: (query: string) => readonly ListItem[];
  empty: (query: string) => string;
  theme: Theme;
  keys: UserKeys;
  choose: (item: ListItem) => void;
  close: () => void;
  /** Keys of this list beyond those of every list; true when it took one. */
  key?: (stroke: string, event: KeyEvent, item: ListItem | undefined) => boolean;
  /** Lines under the filter, for a question about the chosen item. */
  question?: () => { line: Line; cursor?: number } | undefined;
  paste?: (text: string) => boolean;
  /** The filter says something else now. */
  typed?: (query: string) => void;
  width?: number;
  /** Which item is chosen first; the first one by itself. */
  first?: (item: ListItem) => boolean;
};

/** A row of the list: an item, or the name of the group that begins below it. */
type Row = { item: ListItem; index: number } | { heading: string };

/** A list with a filter: commands, sessions, models. */
export class ListDialog implements Dialog {
  readonly name: string;
  private readonly options: ListOptions;
  private readonly filter = new LineInput();
  private index = 0;
  private first = 0;
  private visible = 1;
  /** Until somebody moves, what was to be chosen first stays chosen, although the list may come late. */
  private moved = false;

  constructor(options: ListOptions) {
    this.options = options;
    this.name = options.name;
  }

  /** By all that it lists, not by what the filter leaves: the box must not jump while one types. */
  get wants(): { width: number; height: number } {
    const rows = rowsOf(this.options.items(), true).length;
    return { width: this.options.width ?? 72, height: Math.max(6, Math.min(20, rows + 2)) };
  }

  private shown(): ListItem[] {
    const query = this.filter.text;
    const items = fuzzyFilter(this.options.items(), query, (item) => `${item.label} ${item.detail ?? ""} ${item.group ?? ""}`);
    const found = query.trim() === "" ? [] : (this.options.found?.(query) ?? []);
    if (found.length === 0) return items;
    const known = new Set(items.map(({ id }) => id));
    return [...items, ...found.filter(({ id }) => !known.has(id))];
  }

  key(stroke: string, event: KeyEvent): void {
    const items = this.shown();
    const item = items[this.index];
    if (this.options.key?.(stroke, event, item)) return;
    const action = listKeys(stroke, this.options.keys);
    if (action) this.actions[action](items, stroke, event);
    else this.edit(stroke, event);
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
    const before = this.filter.text;
    this.filter.key(stroke, event);
    if (this.filter.text !== before) this.refilter();
  }

  private refilter(): void {
    this.index = 0;
    this.moved = this.filter.text !== "";
    this.options.typed?.(this.filter.text);
  }

  private move(items: ListItem[], by: number, around: boolean): void {
    const to = this.index + by;
    const count = items.length;
    this.moved = true;
    if (count > 0) this.index = around ? (to + count) % count : Math.max(0, Math.min(count - 1, to));
  }

  paste(text: string): void {
    if (this.options.paste?.(text)) return;
    this.filter.paste(text);
    this.refilter();
  }

  wheel(notches: number): void {
    this.move(this.shown(), notches, false);
  }

  click(row: number): void {
    const hit = rowsOf(this.shown(), this.filter.text.trim() === "")[this.first + row - 2];
    if (row >= 2 && hit && "item" in hit) this.options.choose(hit.item);
  }

  view(width: number, height: number): DialogView {
    const { theme } = this.options;
    const query = this.filter.text;
    const items = this.shown();
    if (!this.moved && this.options.first) this.index = Math.max(0, items.findIndex(this.options.first));
    this.index = Math.max(0, Math.min(this.index, items.length - 1));
    const all = rowsOf(items, query.trim() === "");
    this.visible = Math.max(1, height - 2);
    const at = all.findIndex((row) => "item" in row && row.index === this.index);
    // The name over the first item of a group comes into sight with it.
    const top = at > 0 && "heading" in all[at - 1]! ? at - 1 : at;
    if (top < this.first) this.first = Math.max(0, top);
    if (at >= this.first + this.visible) this.first = at - this.visible + 1;
    this.first = Math.max(0, Math.min(this.first, all.length - this.visible));
    const question = this.options.question?.();
    const filter = this.filter.view(width - 2, theme, this.options.placeholder);
    const head = question ? question.line : line(span("> ", theme.primary), ...filter.line.spans);
    const rows = all
      .slice(this.first, this.first + this.visible)
      .map((row) =>
        "item" in row
          ? itemLine(row.item, row.index === this.index, width, theme)
          : clipLine(line(span(row.heading, theme.markdown.heading2)), width),
      );
    if (items.length === 0) rows.push(clipLine(line(span(this.options.empty(query), theme.muted)), width));
    const cursor = question ? question.cursor : filter.col + 2;
    return {
      title: this.options.title(),
      lines: [clipLine(head, width), blank, ...rows],
      hint: this.options.hint(items[this.index]),
      ...(cursor === undefined ? {} : { cursor: { row: 0, col: cursor } }),
    };
  }
}

/** Groups are named while the list has its own order; in a filtered one only what was found elsewhere is. */
function rowsOf(items: readonly ListItem[], ordered: boolean): Row[] {
  const rows: Row[] = [];
  let group: string | undefined;
  items.forEach((item, index) => {
    const named = ordered || item.group === foundGroup ? item.group : undefined;
    if (named !== undefined && named !== group) rows.push({ heading: named });
    group = named;
    rows.push({ item, index });
  });
  return rows;
}

/** The group of what `found` answers. */
export const foundGroup = "Said in";

function itemLine(item: ListItem, selected: boolean, width: number, theme: Theme): Line {
  const label = selected ? theme.selected : theme.text;
  const soft = selected ? theme.selected : theme.muted;
  const left = line(
    span(item.marked ? "• " : "  ", selected ? theme.selected : theme.primary),
    span(item.label, label),
    ...(item.detail ? [span(`  ${item.detail}`, soft)] : []),
  );
  const note = item.note ? line(span(`${item.note} `, soft)) : line();
  // In few columns what it is comes before what is said about it.
  const right = span(item.label, label).width + 3 + note.width <= width ? note : line();
  const row = justified(left, right, width);
  if (!selected) return row;
  return fitLine(
    { ...row, spans: row.spans.map((each) => (each.text.trim() === "" ? { ...each, style: theme.selected } : each)) },
    width,
    theme.selected,
  );
}
