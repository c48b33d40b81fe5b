import type { App } from "../app.ts";
import { clipLine, type Line, line, span } from "../layout/line.ts";
import { plainOutput } from "../layout/plain-output.ts";
import { wrap } from "../layout/wrap.ts";
import type { Dialog, DialogView } from "./dialog.ts";

/** How often a running job's output is read again while it is shown. */
const refreshMs = 500;
/** Of the output so much is laid out: its end. */
const shownCharsMax = 64_000;

/** The output of one job, its end in sight until somebody scrolls up. */
export class JobOutputDialog implements Dialog {
  readonly name = "job";
  readonly wants = { width: 110, height: 30 };
  private readonly app: App;
  private readonly job: string;
  private output = "";
  private title: string;
  private running = true;
  private laid: { width: number; theme: App["theme"]; output: string; lines: Line[] } | undefined;
  /** Lines from the end; 0 follows it. */
  private back = 0;
  private most = 0;
  private page = 1;

  constructor(app: App, job: string) {
    this.app = app;
    this.job = job;
    this.title = `Job ${job}`;
    this.load();
  }

  private load(): void {
    const { app, job } = this;
    app.host
      .request("job.output", { job })
      .then(({ job: info, output }) => {
        this.output = output;
        this.running = info.running;
        const how = info.running ? "running" : info.exitCode === undefined ? "ended" : `exit ${info.exitCode}`;
        this.title = `Job ${job}, ${how}: ${info.command.replace(/\s+/g, " ")}`;
        app.host.invalidate();
        if (info.running && app.dialogs.includes(this)) app.timers.set("jobs", refreshMs, () => this.load());
      })
      .catch((error: unknown) => app.fail(error));
  }

  key(stroke: string): void {
    const by = { up: 1, k: 1, down: -1, j: -1, pageup: this.page, pagedown: -this.page, space: -this.page }[stroke];
    if (by !== undefined) this.scroll(by);
    else if (stroke === "home" || stroke === "g") this.back = this.most;
    else if (stroke === "end" || stroke === "G") this.back = 0;
    else if (stroke === "ctrl+x") {
      const { app } = this;
      app.host.request("job.kill", { job: this.job }).then(
        () => this.load(),
        (error: unknown) => app.fail(error),
      );
    } else if (stroke === "escape" || stroke === "enter" || stroke === "q") {
      this.app.timers.clear("jobs");
      this.app.close(this.name);
    }
  }

  wheel(notches: number): void {
    this.scroll(-notches * 3);
  }

  private scroll(by: number): void {
    this.back = Math.max(0, Math.min(this.most, this.back + by));
  }

  view(width: number, height: number): DialogView {
    const { theme } = this.app;
    if (this.laid?.width !== width || this.laid.theme !== theme || this.laid.output !== this.output) {
      const text = plainOutput(this.output.slice(-shownCharsMax)).trimEnd();
      const lines = text === "" ? [line(span("Nothing was printed yet.", theme.faint))] : wrap([{ text, style: theme.text }], width);
      this.laid = { width, theme, output: this.output, lines };
    }
    const { lines } = this.laid;
    this.page = Math.max(1, height);
    this.most = Math.max(0, lines.length - height);
    this.back = Math.min(this.back, this.most);
    const first = this.most - this.back;
    return {
      title: this.title,
      lines: lines.slice(first, first + height).map((each) => clipLine(each, width)),
      hint: `${this.running ? "ctrl+x ends it · " : ""}${this.most > 0 ? "↑↓ scroll · " : ""}esc`,
    };
  }
}
