import path from "node:path";
import type { TimeFile, TimeResult } from "../../protocol/index.ts";
import type { KeyEvent } from "../../terminal/input/index.ts";
import type { App } from "../app.ts";
import { type UndoAction, undoKeys } from "../keys/undo.ts";
import { diffLines } from "../layout/diff.ts";
import { blank, clipLine, indented, type Line, line, span } from "../layout/line.ts";
import { wrap } from "../layout/wrap.ts";
import type { Dialog, DialogView } from "./dialog.ts";
import { Scroll } from "./scroll.ts";

export type Wish = { preview?: boolean; force?: string[] };
type Ask = (wish: Wish) => Promise<TimeResult>;

const rowsMin = 6;
const rowsMax = 24;

const signs: { readonly [C in TimeFile["change"]]: string } = { put: "~", create: "+", remove: "-", none: "=" };

/** What an undo, a redo or a rewind would do to each file; it is done when somebody says so. */
export class UndoDialog implements Dialog {
  readonly name = "undo";
  private readonly app: App;
  private readonly title: string;
  private readonly doneWord: string;
  private readonly ask: Ask;
  private preview: TimeResult | undefined;
  private forced = false;
  private diffs = false;
  private going = false;
  private readonly scroll = new Scroll();

  constructor(app: App, words: { title: string; done: string }, ask: Ask) {
    this.app = app;
    this.title = words.title;
    this.doneWord = words.done;
    this.ask = ask;
    ask({ preview: true })
      .then((preview) => {
        this.preview = preview;
        app.host.invalidate();
      })
      .catch((error: unknown) => {
        app.close(this.name);
        app.fail(error);
      });
  }

  /** As much as there is to say: a file has a line, one that is in the way two. */
  get wants(): { width: number; height: number } {
    if (this.diffs) return { width: 100, height: rowsMax };
    const rows = (this.preview?.files ?? []).reduce((sum, { why }) => sum + (why === undefined ? 1 : 2), 0);
    return { width: 90, height: Math.max(rowsMin, Math.min(rowsMax, rows + 2 * (this.preview?.notes.length ?? 0) + 3)) };
  }

  key(stroke: string, _event: KeyEvent): void {
    const action = undoKeys(stroke, this.app.keys);
    if (action) this.actions[action]();
  }

  private readonly actions: { readonly [A in UndoAction]: () => void } = {
    go: () => this.go(),
    force: () => {
      this.forced = !this.forced && this.conflicts().length > 0;
    },
    diffs: () => {
      this.diffs = !this.diffs;
    },
    close: () => this.app.close(this.name),
    ...this.scroll.actions,
  };

  wheel(notches: number): void {
    this.scroll.wheel(notches);
  }

  private conflicts(): string[] {
    return (this.preview?.files ?? []).filter(({ state }) => state === "conflict").map((file) => file.path);
  }

  private go(): void {
    if (!this.preview || this.going) return;
    this.going = true;
    const { app } = this;
    this.ask(this.forced ? { force: this.conflicts() } : {})
      .then((done) => {
        const left = done.files.filter(({ state }) => state === "conflict" || state === "lost").length;
        const put = done.files.filter(({ state }) => state === "done").length;
        app.say(
          `${this.doneWord}: ${put} file${put === 1 ? "" : "s"}${left > 0 ? `, ${left} left as they are` : ""}`,
          left > 0 ? "error" : "info",
        );
        // The words are back where they were typed, to be sent again differently.
        if (done.prompt !== undefined && app.editor.empty) app.editor.set(done.prompt);
      })
      .catch((error: unknown) => app.fail(error))
      .finally(() => app.close(this.name));
  }

  view(width: number, height: number): DialogView {
    const { theme } = this.app;
    const { preview } = this;
    if (!preview) return { title: this.title, lines: [line(span("Looking at the files…", theme.muted))], hint: "esc closes" };
    const body: Line[] = [];
    const turns = `${preview.turns.length} turn${preview.turns.length === 1 ? "" : "s"}`;
    const prompt = preview.prompt?.split("\n")[0];
    body.push(clipLine(line(span(prompt === undefined ? turns : `${turns}: `, theme.muted), span(prompt ?? "", theme.text)), width), blank);
    if (preview.files.length === 0) body.push(line(span("No file was written by its tools.", theme.muted)));
    for (const file of preview.files) body.push(...this.fileLines(file, width));
    if (preview.notes.length > 0) body.push(blank);
    for (const note of preview.notes) body.push(...wrap([{ text: `Note: ${note}.`, style: theme.warning }], width));
    const lines = this.scroll.window(body, height);
    const conflicts = this.conflicts().length;
    const force = conflicts === 0 ? "" : this.forced ? " · f: leave what was changed since" : ` · f: also the ${conflicts} changed since`;
    return {
      title: this.title,
      lines,
      hint: `enter does it${force} · d diffs${this.scroll.scrolls ? " · ↑↓" : ""} · esc`,
    };
  }

  private fileLines(file: TimeFile, width: number): Line[] {
    const { theme } = this.app;
    const done = file.state === "ready" || (file.state === "conflict" && this.forced);
    const style = file.state === "lost" ? theme.error : file.state === "conflict" ? theme.warning : theme.text;
    const name = path.relative(this.app.host.workspace, file.path);
    const stat = file.additions + file.removals > 0 ? `  +${file.additions} −${file.removals}` : "";
    const lines = [clipLine(line(span(`${done ? signs[file.change] : "!"} ${name}`, style), span(stat, theme.muted)), width)];
    if (file.why !== undefined)
      lines.push(
        ...wrap(
          [{ text: `${file.why}${done ? "; what is there is kept, a redo brings it back" : "; it is left as it is"}`, style }],
          width - 2,
        ).map((each) => indented(2, each)),
      );
    if (this.diffs && file.diff !== undefined)
      lines.push(...diffLines(file.diff, file.path, width - 2, theme).map((each) => indented(2, each)));
    return lines;
  }
}
