import type { ViewHost } from "../contracts/view.ts";
import type { ModelInfo, ModelRef, Permission, Result } from "../protocol/index.ts";
import type { Dialog } from "./dialogs/dialog.ts";
import { PermissionDialog } from "./dialogs/permission.ts";
import { PlanDialog } from "./dialogs/plan.ts";
import { QuestionDialog } from "./dialogs/question.ts";
import type { Completion } from "./editor/completion.ts";
import { Editor } from "./editor/editor.ts";
import { runningTurn, type SessionState } from "./model/state.ts";
import { UserKeys } from "./keys/user-keys.ts";
import { type Theme, themeFor } from "./theme/index.ts";
import { Timers } from "./timers.ts";
import { Selection } from "./views/transcript/selection.ts";
import { Transcript } from "./views/transcript/transcript.ts";

/** Frames of the spinner a second. One row changes; each costs a wake-up of the whole chain. */
const animateMs = 250;
const noticeMs = 5_000;

export type Models = { list: ModelInfo[]; large: ModelRef | undefined; small: ModelRef | undefined; demo: boolean; loaded: boolean };
/** Something that can be done by name: in the palette, and as /name in the editor. */
export type Command = {
  name: string;
  alias?: string;
  title: string;
  keys?: string;
  offered?: (app: App) => boolean;
  run: (app: App) => void;
};
export type Notice = { text: string; kind: "info" | "error" };

/** Dialogs for what waits for an answer. */
type Asking = PermissionDialog | PlanDialog | QuestionDialog;
const isAsking = (dialog: Dialog): dialog is Asking =>
  dialog instanceof PermissionDialog || dialog instanceof PlanDialog || dialog instanceof QuestionDialog;

/** All that the view holds. Actions (actions/) and flows (flow/) change it, frames (views/) show it. */
export class App {
  readonly host: ViewHost;
  /** Handed in, since commands open dialogs and one dialog lists the commands. */
  readonly commands: readonly Command[];
  theme: Theme;
  keys = new UserKeys({});
  /** Contents of the project's own configuration that this screen has asked about, by hash. */
  readonly trustAsked = new Set<string>();
  readonly timers: Timers;
  readonly editor = new Editor();
  readonly selection = new Selection();
  transcript: Transcript;
  session: SessionState | undefined;
  /** Grows with each session shown: answers to older questions are dropped. */
  epoch = 0;
  loading = false;
  loadingOlder = false;
  models: Models = { list: [], large: undefined, small: undefined, demo: false, loaded: false };
  /** Chosen before there is a session. */
  chosen: { large?: ModelRef; small?: ModelRef; yolo: boolean; plan?: boolean } = { yolo: false };
  dialogs: Dialog[] = [];
  focus: "editor" | "chat" = "editor";
  focused = true;
  notifications: NonNullable<Result<"ui.settings">["notifications"]> = "auto";
  completion: Completion | undefined;
  /** Paths that were put in by completion: sent along when they are still in the text. */
  readonly mentions = new Set<string>();
  notice: Notice | undefined;
  /** The first escape was pressed. */
  cancelArmed = false;
  todosOpen = false;
  /** Commands of the user's that run in the shell, by the message that they will be. */
  readonly shells = new Map<string, { job: string; command: string }>();
  /** The message that is shown as soon as its session is. */
  jump: { session: string; message: string } | undefined;
  /** A prompt on its way that no event has shown yet. */
  sending: string | undefined;
  /** The external editor is open: the next paste is its text. */
  editorAway = false;
  cols: number;
  rows: number;
  /** Rows of the transcript in the last frame. */
  transcriptHeight = 1;
  lastTyped = 0;
  /** The last frame before the end: nothing of the live region is left. */
  leaving = false;
  closed = false;
  /** Grows with everything but streamed text: what is around the transcript is laid out again only then. */
  version = 0;

  constructor(host: ViewHost, commands: readonly Command[], cols: number, rows: number) {
    this.host = {
      mode: host.mode,
      term: host.term,
      workspace: host.workspace,
      screen: host.screen,
      request: (method, params) => host.request(method, params),
      invalidate: () => {
        this.version++;
        host.invalidate();
      },
      effect: (effect) => host.effect(effect),
      after: (ms, run) => host.after(ms, run),
      now: () => host.now(),
    };
    this.commands = commands;
    this.theme = themeFor(host.term.light);
    this.timers = new Timers(host);
    this.transcript = new Transcript(this.theme, host.workspace);
    this.cols = cols;
    this.rows = rows;
  }

  get inline(): boolean {
    return this.host.mode === "inline";
  }

  get dialog(): Dialog | undefined {
    return this.dialogs.at(-1);
  }

  /** A turn runs or an answer is on its way. */
  get running(): boolean {
    if (!this.session) return this.sending !== undefined;
    return runningTurn(this.session) !== undefined;
  }

  get yolo(): boolean {
    return this.session?.session?.yolo ?? this.chosen.yolo;
  }

  get plan(): boolean {
    return this.session ? (this.session.session?.plan ?? false) : (this.chosen.plan ?? false);
  }

  get model(): ModelInfo | undefined {
    const ref = this.modelRef;
    return ref && this.models.list.find((each) => each.provider === ref.provider && each.model === ref.model);
  }

  get modelRef(): ModelRef | undefined {
    return this.session?.session?.model ?? this.chosen.large ?? this.models.large;
  }

  /** What is on the screen is laid out again in the new colours; what was committed to a scrollback stays as it is. */
  restyle(theme: Theme): void {
    if (theme === this.theme) return;
    this.theme = theme;
    this.transcript.restyle(theme);
    this.host.invalidate();
  }

  /** The command of this name, or with this other name. */
  command(name: string): Command | undefined {
    return this.commands.find((command) => command.name === name || command.alias === name);
  }

  open(dialog: Dialog): void {
    this.dialogs = [...this.dialogs.filter((each) => each.name !== dialog.name), dialog];
    this.completion = undefined;
    this.host.invalidate();
  }

  close(name: string): void {
    this.dialogs = this.dialogs.filter((each) => each.name !== name);
    this.host.invalidate();
  }

  say(text: string, kind: Notice["kind"] = "info"): void {
    this.notice = { text, kind };
    this.timers.set("notice", noticeMs, () => {
      this.notice = undefined;
      this.host.invalidate();
    });
    this.host.invalidate();
  }

  fail(error: unknown): void {
    if (!this.closed) this.say(error instanceof Error ? error.message : String(error), "error");
  }

  /** Tells somebody who looks elsewhere. A terminal that does not say whether it has the focus is looked at. */
  notify(text: string): void {
    const { notifications: style } = this;
    if (!this.focused && style !== "disabled") this.host.effect({ effect: "notify", text, style });
  }

  /** Keeps the spinner going while something runs, and only then. */
  animate(): void {
    const state = this.session?.activity?.state;
    const busy = this.running && state !== "permission";
    if (!busy) this.timers.clear("animate");
    else if (!this.timers.has("animate")) {
      this.timers.set("animate", animateMs, () => {
        this.host.invalidate();
        this.animate();
      });
    }
  }

  /** Leaves the terminal; the session goes on. Inline, the live region is emptied first: it would stay on the screen. */
  leave(): void {
    const session = this.session?.session;
    const quit = (): void =>
      this.host.effect({ effect: "quit", ...(session ? { text: `Go on with it: crush -s ${session.hash.slice(0, 7)}` } : {}) });
    this.dialogs = [];
    if (!this.inline) {
      quit();
      return;
    }
    this.leaving = true;
    this.timers.set("leave", 0, quit);
    this.host.invalidate();
  }

  /** Opens, replaces or closes the question for the permission that waits longest. */
  syncPermission(): void {
    const first: Permission | undefined = this.session?.permissions.values().next().value;
    const open = this.dialogs.find(isAsking);
    if (open?.permission.id === first?.id) return;
    this.dialogs = this.dialogs.filter((each) => each !== open);
    if (!first) return;
    const Asking = first.questions !== undefined ? QuestionDialog : first.action === "plan" ? PlanDialog : PermissionDialog;
    this.dialogs = [...this.dialogs, new Asking(this, first)];
    this.completion = undefined;
    this.notify(`Crush asks: ${first.title}`);
  }
}
