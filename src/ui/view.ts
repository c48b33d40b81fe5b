import type { Frame, Surface, View, ViewHost } from "../contracts/view.ts";
import type { DurableEvent, LatestEvent, TurnStatus } from "../protocol/index.ts";
import { createInputDecoder, type InputEvent } from "../terminal/input/index.ts";
import { updateCompletion } from "./actions/completion.ts";
import { handleKey } from "./actions/keys.ts";
import { Mouse } from "./actions/mouse.ts";
import { App } from "./app.ts";
import { commands } from "./commands.ts";
import { droppedFile } from "./editor/dropped.ts";
import type { EditorState } from "./editor/editor.ts";
import { loadModels } from "./flow/models.ts";
import { openSession, showSession, title } from "./flow/open-session.ts";
import { loadSettings } from "./flow/settings.ts";
import { offerTrust } from "./flow/trust.ts";
import { submit } from "./flow/send.ts";
import { applyEvent } from "./model/reducer.ts";
import { Painter } from "./painter.ts";
import { composeFull, type Layout } from "./views/full.ts";
import { Committed, type CommittedState, composeInline } from "./views/inline.ts";
import type { TranscriptState } from "./views/transcript/transcript.ts";

/** A lone ESC is the escape key when nothing follows it for so long; sequences arrive in one piece or close behind. */
const escapeMs = 30;

/** What somebody is told who looks elsewhere. Who stopped a turn knows. */
function endWords(status: TurnStatus, title = ""): string {
  const about = title === "" ? "" : `: ${title}`;
  return status === "ok" ? `Crush has finished${about}` : status === "failed" ? `Crush has failed${about}` : `Crush has stopped${about}`;
}

/** What goes with the view to another worker. */
type ViewState = {
  editor: EditorState;
  chosen: App["chosen"];
  mentions: string[];
  todosOpen: boolean;
  trustAsked: string[];
  session: string | undefined;
  jump: App["jump"];
  transcript: TranscriptState;
  committed: CommittedState;
};

/** The view of one attached terminal: input to actions, events to the session's state, state to rows. */
export class UiView implements View {
  private readonly app: App;
  private readonly host: ViewHost;
  private readonly decoder = createInputDecoder();
  private readonly painter = new Painter();
  private readonly committed = new Committed();
  private readonly mouse: Mouse;
  private layout: Layout | undefined;

  constructor(
    host: ViewHost,
    options: { cols: number; rows: number; session?: string; initialPrompt?: string; yolo?: boolean; state?: unknown },
  ) {
    this.host = host;
    this.app = new App(host, commands, options.cols, options.rows);
    this.mouse = new Mouse(this.app);
    const state = options.state as ViewState | undefined;
    if (state) this.restore(state);
    loadModels(this.app, offerTrust);
    loadSettings(this.app);
    if (options.session !== undefined) openSession(this.app, options.session);
    else title(this.app);
    const same = state !== undefined && state.session === options.session;
    if (state) this.committed.restore(state.committed, same);
    if (same) this.app.transcript.restore(state.transcript);
    // After a move the first view has sent it already.
    if (options.yolo) this.app.chosen = { ...this.app.chosen, yolo: true };
    if (options.initialPrompt && !state) submit(this.app, options.initialPrompt);
  }

  input(bytes: Uint8Array): void {
    const { app } = this;
    for (const event of this.decoder.feed(bytes)) this.handle(event);
    if (this.decoder.ambiguous) {
      app.timers.set("escape", escapeMs, () => {
        for (const event of this.decoder.flush()) this.handle(event);
        app.host.invalidate();
      });
    } else app.timers.clear("escape");
    app.host.invalidate();
  }

  private handle(event: InputEvent): void {
    (this.takes[event.type] as (event: InputEvent) => void)(event);
  }

  private readonly takes: { readonly [T in InputEvent["type"]]: (event: Extract<InputEvent, { type: T }>) => void } = {
    key: (event) => handleKey(this.app, event),
    paste: (event) => this.paste(event.text, event.truncated),
    mouse: (event) => this.mouse.handle(event, this.layout),
    focus: (event) => this.focus(event.focused),
  };

  private paste(text: string, truncated: boolean): void {
    const { app } = this;
    if (truncated) app.say("The paste was longer than a prompt may be and was cut", "error");
    if (app.editorAway) {
      app.editorAway = false;
      app.editor.clear();
      app.editor.type(text);
      return;
    }
    if (app.dialog) {
      app.dialog.paste?.(text);
      return;
    }
    app.focus = "editor";
    const dropped = droppedFile(text);
    if (dropped !== undefined) app.mentions.add(dropped);
    app.editor.paste(dropped === undefined ? text : `@${dropped} `);
    updateCompletion(app);
  }

  resize(cols: number, rows: number): void {
    this.app.cols = cols;
    this.app.rows = rows;
    this.painter.forget();
    this.app.host.invalidate();
  }

  focus(focused: boolean): void {
    this.app.focused = focused;
  }

  event(event: DurableEvent | LatestEvent): void {
    const { app } = this;
    const state = app.session;
    if (!state || event.session !== state.id) return;
    applyEvent(state, event, app.host.now());
    if (event.type === "delta") {
      // Streamed text changes nothing but the transcript.
      this.host.invalidate();
      return;
    }
    if (event.type === "event") this.reacts[event.kind]?.(event);
    else if (event.type === "activity") app.animate();
    app.host.invalidate();
  }

  /** What the view does about an event beyond showing it. */
  private readonly reacts: { readonly [K in DurableEvent["kind"]]?: (event: DurableEvent) => void } = {
    "session.updated": () => title(this.app),
    "session.deleted": () => {
      this.app.say("The session was deleted");
      showSession(this.app, undefined);
    },
    "message.created": (event) => {
      if (event.kind === "message.created") this.app.shells.delete(event.data.message.id);
    },
    "permission.asked": () => this.app.syncPermission(),
    "permission.resolved": () => this.app.syncPermission(),
    "turn.queued": () => this.app.animate(),
    "turn.started": () => this.app.animate(),
    "turn.completed": (event) => {
      const { app } = this;
      app.cancelArmed = false;
      app.animate();
      if (event.kind === "turn.completed") app.notify(endWords(event.data.turn.status, app.session?.session?.title));
    },
  };

  paint(surface: Surface): Frame {
    const { app } = this;
    // The surface of the inline mode is the live region: one row less than the terminal.
    if (app.inline) {
      const { lines, cursor, commit } = composeInline(app, this.committed);
      this.painter.paint(surface, lines);
      return { cursor, liveRows: Math.max(1, lines.length), ...(commit.length > 0 ? { commit } : {}) };
    }
    const { lines, cursor, region, layout } = composeFull(app);
    this.layout = layout;
    this.painter.paint(surface, lines, region);
    return { cursor };
  }

  show(session: string | undefined): void {
    if (session === undefined || session !== this.app.session?.id) this.committed.reset();
    openSession(this.app, session);
  }

  /** The configuration has changed on disk. */
  configured(notice: string | undefined): void {
    if (notice !== undefined) this.app.say(notice, "error");
    loadModels(this.app, offerTrust);
    loadSettings(this.app, notice !== undefined);
  }

  state(): unknown {
    const { app } = this;
    const state: ViewState = {
      editor: app.editor.state(),
      chosen: app.chosen,
      mentions: [...app.mentions],
      todosOpen: app.todosOpen,
      // One that is still open is asked again where the view goes.
      trustAsked: app.dialogs.some(({ name }) => name === "trust") ? [] : [...app.trustAsked],
      session: app.session?.id,
      jump: app.jump,
      transcript: app.transcript.state(),
      committed: this.committed.state(),
    };
    return state;
  }

  private restore(state: ViewState): void {
    const { app } = this;
    app.editor.restore(state.editor);
    app.chosen = state.chosen;
    app.todosOpen = state.todosOpen;
    app.jump = state.jump;
    for (const hash of state.trustAsked) app.trustAsked.add(hash);
    for (const path of state.mentions) app.mentions.add(path);
  }

  close(): void {
    this.app.closed = true;
    this.app.timers.close();
  }
}
