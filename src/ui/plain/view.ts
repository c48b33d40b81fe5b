import type { Frame, View, ViewHost } from "../../contracts/view.ts";
import type { DurableEvent, LatestEvent } from "../../protocol/index.ts";
import { commands } from "../commands.ts";
import { loadModels } from "../flow/models.ts";
import { openSession, showSession } from "../flow/open-session.ts";
import { cancelTurn, submit } from "../flow/send.ts";
import { applyEvent } from "../model/reducer.ts";
import { PlainApp } from "./app.ts";
import { type Ask, askFor } from "./asking.ts";
import { plainCommands } from "./commands.ts";
import { LineReader } from "./line-reader.ts";
import { Narrator, type NarratorState } from "./narrator.ts";

/** What goes with the view to another worker. */
type PlainState = {
  narrator: NarratorState;
  chosen: PlainApp["chosen"];
  session: string | undefined;
  greeted: boolean;
  pending: string[];
  atPrompt: string;
};
const prompt = "> ";
const plain = { fg: 0, bg: 0, attrs: 0 };

/**
 * The view for screen readers and dumb terminals: everything is a line that is said once; input comes by lines, which the terminal itself
 * edits and shows; questions are numbered. Nothing moves, and no timer runs.
 */
export class PlainView implements View {
  private readonly app: PlainApp;
  private readonly narrator: Narrator;
  private readonly reader: LineReader;
  private pending: string[] = [];
  private asks: Ask[] = [];
  /** The prompt that the cursor stands behind; empty when it stands at the start of a line. */
  private atPrompt = "";
  private greeted = false;
  private hidden = false;
  /** A command will answer: until then nothing asks for the next line. */
  private promised = false;

  constructor(host: ViewHost, options: { session?: string; initialPrompt?: string; yolo?: boolean; state?: unknown }) {
    const out = (line: string): void => void this.pending.push(line);
    this.app = new PlainApp(host, commands, out, () => this.syncPermission());
    this.narrator = new Narrator(out);
    this.reader = new LineReader({ line: (text) => this.line(text), interrupt: () => this.interrupt() });
    const state = options.state as PlainState | undefined;
    if (state) {
      this.narrator.restore(state.narrator);
      this.app.chosen = state.chosen;
      this.pending = state.pending;
      this.atPrompt = state.atPrompt;
      this.greeted = state.greeted;
    }
    if (options.session !== undefined) openSession(this.app, options.session);
    void loadModels(this.app, () => out("This project's own configuration is not trusted and does not count: see crush trust")).then(() =>
      this.greet(),
    );
    if (options.yolo) this.app.chosen = { ...this.app.chosen, yolo: true };
    if (options.initialPrompt && !state) this.prompt(options.initialPrompt);
  }

  private greet(): void {
    const { app } = this;
    if (this.greeted) return;
    this.greeted = true;
    const model = app.model?.name ?? app.modelRef?.model;
    const who = app.models.demo || !model ? "No model is connected: a scripted demo answers; /connect connects one" : `Model ${model}`;
    this.pending.unshift(`Crush in plain mode. Directory ${app.host.workspace}. ${who}. /help lists commands.`);
    app.host.invalidate();
  }

  input(bytes: Uint8Array): void {
    this.reader.feed(bytes);
    this.app.host.invalidate();
  }

  private line(text: string): void {
    const { app } = this;
    // The terminal has gone to a new line with enter, unless it was told not to show what is typed.
    if (!this.hidden) this.atPrompt = "";
    const ask = this.asks[0];
    if (ask) {
      this.asks = this.asks.filter((each) => each !== ask);
      if (!ask.take(text)) {
        this.asks.unshift(ask);
        this.pending.push(`That is no answer. ${ask.prompt.replace(/: $/, ".")}`);
      } else if (ask.secret) this.echo(true);
      return;
    }
    if (text.trim() === "") return;
    const named = /^\/([a-z-]+)\s*$/.exec(text)?.[1];
    const own = plainCommands.find(({ name }) => name === named);
    const shared = named === undefined ? undefined : app.command(named);
    this.promised = own !== undefined;
    if (own) own.run({ app, out: (line) => void this.pending.push(line), ask: (next) => this.ask(next) });
    else if (shared) shared.run(app);
    else this.prompt(text);
  }

  private prompt(text: string): void {
    this.narrator.typed(text);
    submit(this.app, text);
  }

  private interrupt(): void {
    const { app } = this;
    this.atPrompt = "";
    const ask = this.asks[0];
    if (ask?.menu) {
      this.asks = this.asks.filter((each) => each !== ask);
      if (ask.secret) this.echo(true);
    } else if (app.running) {
      this.pending.push("Stopping.");
      cancelTurn(app);
    } else app.leave();
  }

  private echo(on: boolean): void {
    if (on === !this.hidden) return;
    this.hidden = !on;
    this.app.host.effect({ effect: "echo", on });
  }

  private ask(ask: Ask): void {
    this.asks = [ask, ...this.asks.filter(({ id }) => id !== ask.id)];
    this.pending.push(...ask.lines);
    if (ask.secret) this.echo(false);
    this.app.host.invalidate();
  }

  /** The question that waits longest is asked; one that somebody else has answered is not any more. */
  private syncPermission(): void {
    const permissions = this.app.session?.permissions;
    const menus = this.asks.filter(({ menu }) => menu);
    const open = this.asks.find(({ menu }) => !menu);
    if (open && permissions?.has(open.id)) return;
    this.asks = menus;
    const first = permissions?.values().next().value;
    if (open && !first) this.pending.push("It was answered.");
    if (first) this.ask(askFor(this.app, first, (next) => this.ask(next)));
  }

  resize(): void {}
  focus(): void {}

  event(event: DurableEvent | LatestEvent): void {
    const { app } = this;
    const state = app.session;
    if (!state || event.session !== state.id) return;
    applyEvent(state, event, app.host.now());
    if (event.type === "activity") this.narrator.activity(event, app.host.now());
    if (event.type === "event") {
      if (event.kind === "permission.asked" || event.kind === "permission.resolved") {
        if (!app.loading) this.narrator.tell(state);
        this.syncPermission();
      } else if (event.kind === "turn.completed") {
        if (!app.loading) this.narrator.tell(state);
        this.narrator.ended(event.data.turn);
      } else if (event.kind === "session.deleted") {
        this.pending.push("The session was deleted.");
        showSession(app, undefined);
      }
    }
    app.host.invalidate();
  }

  paint(): Frame {
    const { app } = this;
    if (app.session && !app.loading) this.narrator.tell(app.session);
    const lines = this.pending;
    this.pending = [];
    if (lines.length > 0) this.promised = false;
    const wanted =
      this.asks[0]?.prompt ?? (app.running || app.sending !== undefined || app.loading || this.promised || !this.greeted ? "" : prompt);
    const cursor = { row: 0, col: 0, visible: true };
    // A prompt that stands there may stay although nothing is waited for: to take it back would be to move.
    if (lines.length === 0 && (wanted === this.atPrompt || wanted === "")) return { cursor };
    if (this.atPrompt !== "") lines.unshift("");
    this.atPrompt = wanted;
    return { cursor, commit: lines.map((text) => ({ spans: [{ text, style: plain }] })), prompt: wanted };
  }

  show(session: string | undefined): void {
    this.narrator.forget();
    openSession(this.app, session);
  }

  state(): PlainState {
    const { app } = this;
    return {
      narrator: this.narrator.state(),
      chosen: app.chosen,
      session: app.session?.id,
      greeted: this.greeted,
      pending: this.pending,
      atPrompt: this.atPrompt,
    };
  }

  close(): void {
    this.app.closed = true;
    this.app.timers.close();
  }
}
