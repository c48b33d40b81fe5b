// A tiny view: lines of a transcript above, one line that is edited below. Keys are appended; "\r" sends the line.
import type { Frame, InlineLine, OpenView, Style, View, ViewHost } from "../../../src/contracts/view.ts";

export const plain: Style = { fg: 0, bg: 0, attrs: 0 };

export class FakeView implements View {
  readonly host: ViewHost;
  cols: number;
  rows: number;
  lines: string[] = [];
  edited = "";
  /** Rows above the edited line in inline mode. */
  liveRows = 3;
  commits: InlineLine[] = [];
  paints = 0;
  closed = false;
  shown: (string | undefined)[] = [];
  focused: boolean[] = [];

  constructor(host: ViewHost, size: { cols: number; rows: number; state?: unknown }) {
    this.host = host;
    this.cols = size.cols;
    this.rows = size.rows;
    if (typeof size.state === "string") this.edited = size.state;
  }

  say(line: string): void {
    this.lines.push(line);
    this.host.invalidate();
  }
  commit(...lines: string[]): void {
    for (const text of lines) this.commits.push({ spans: [{ text, style: plain }] });
    this.host.invalidate();
  }
  input(bytes: Uint8Array): void {
    for (const char of new TextDecoder().decode(bytes)) {
      if (char === "\r") {
        if (this.host.mode === "inline") this.commit(this.edited);
        else this.say(this.edited);
        this.edited = "";
      } else this.edited += char;
    }
  }
  resize(cols: number, rows: number): void {
    this.cols = cols;
    this.rows = rows;
  }
  focus(focused: boolean): void {
    this.focused.push(focused);
  }
  event(): void {
    this.host.invalidate();
  }
  paint(surface: Parameters<View["paint"]>[0]): Frame {
    this.paints++;
    const inline = this.host.mode === "inline";
    const height = inline ? Math.min(this.liveRows, surface.rows) : surface.rows;
    for (let row = 0; row < height - 1; row++) {
      surface.clear(row);
      const at = this.lines.length - (height - 1) + row;
      surface.text(row, 0, at >= 0 ? this.lines[at]! : inline ? `live ${row}` : "", plain);
    }
    surface.clear(height - 1);
    const col = surface.text(height - 1, 0, `> ${this.edited}`, plain);
    const frame: Frame = { cursor: { row: height - 1, col, visible: true } };
    if (inline) {
      frame.liveRows = height;
      frame.commit = this.commits;
      this.commits = [];
    }
    return frame;
  }
  show(session: string | undefined): void {
    this.shown.push(session);
    this.host.invalidate();
  }
  state(): unknown {
    return this.edited;
  }
  close(): void {
    this.closed = true;
  }
}

export function fakeViews(): { open: OpenView; views: FakeView[] } {
  const views: FakeView[] = [];
  return {
    views,
    open(host, options) {
      const view = new FakeView(host, options);
      views.push(view);
      return view;
    },
  };
}
