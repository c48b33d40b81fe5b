import type { ModelRef, ProviderConnected, ProviderInfo } from "../../protocol/index.ts";
import type { KeyEvent } from "../../terminal/input/index.ts";
import type { App } from "../app.ts";
import { LineInput } from "../editor/line-input.ts";
import { chooseModel, loadModels, sameModel } from "../flow/models.ts";
import { blank, type Line, line, span } from "../layout/line.ts";
import { wrap } from "../layout/wrap.ts";
import { shortPath } from "../views/status.ts";
import type { Dialog, DialogView } from "./dialog.ts";

/** Asks for a provider's key (which is never shown), and its address where none is known, and tries them. */
export class ConnectDialog implements Dialog {
  readonly name = "connect";
  readonly wants = { width: 76, height: 7 };
  private readonly app: App;
  private readonly provider: ProviderInfo | undefined;
  private readonly file: string;
  private readonly choose: (preselect: ModelRef | undefined) => void;
  private readonly secret: LineInput;
  private readonly address: LineInput;
  private field: "address" | "key";
  private asking = false;
  private problem: string | undefined;
  /** Another enter saves what could not be tried. */
  private forcible = false;

  /** @param choose  asks which model is meant; `preselect` is the first that the provider offers */
  constructor(app: App, provider: ProviderInfo | undefined, file: string, choose: (preselect: ModelRef | undefined) => void, key = "") {
    this.app = app;
    this.choose = choose;
    this.provider = provider;
    this.file = file;
    this.secret = new LineInput(key);
    this.address = new LineInput(provider && !provider.needsKey ? provider.baseUrl : "");
    this.field = this.asksAddress ? "address" : "key";
  }

  /** Servers of one's own are where one has put them. */
  private get asksAddress(): boolean {
    return !this.provider?.needsKey;
  }

  private get input(): LineInput {
    return this.field === "key" ? this.secret : this.address;
  }

  key(stroke: string, event: KeyEvent): void {
    if (stroke === "escape") {
      this.app.close(this.name);
      return;
    }
    if (this.asking) return;
    const other = this.field === "key" ? "address" : "key";
    if (stroke === "tab" || stroke === "shift+tab" || stroke === "up" || stroke === "down") {
      if (this.asksAddress) this.field = other;
    } else if (stroke !== "enter") {
      if (this.input.key(stroke, event)) this.changed();
    } else if (this.field === "address" && this.provider === undefined) this.field = "key";
    else this.connect();
  }

  paste(text: string): void {
    if (this.asking) return;
    this.input.paste(text.trim());
    this.changed();
  }

  private changed(): void {
    this.problem = undefined;
    this.forcible = false;
  }

  private connect(): void {
    const { app, provider } = this;
    const [apiKey, baseUrl] = [this.secret.text.trim(), this.address.text.trim()];
    if (provider?.needsKey && apiKey === "") {
      this.problem = "Paste the key first.";
      return;
    }
    this.asking = true;
    const force = this.forcible;
    this.changed();
    app.host
      .request("provider.connect", {
        workspace: app.host.workspace,
        ...(provider ? { provider: provider.id } : {}),
        ...(apiKey === "" ? {} : { apiKey }),
        ...(this.asksAddress ? { baseUrl } : {}),
        ...(force ? { force } : {}),
      })
      .then((answer) => this.answered(answer))
      .catch((error: unknown) => {
        this.problem = error instanceof Error ? error.message : String(error);
      })
      .finally(() => {
        this.asking = false;
        app.host.invalidate();
      });
  }

  private answered({ saved, name, problem, forcible, model, usual }: ProviderConnected): void {
    const { app } = this;
    if (!saved) {
      this.problem = problem;
      this.forcible = forcible ?? false;
      return;
    }
    if (!app.dialogs.includes(this)) return;
    app.close(this.name);
    // Only of the first provider is it clear which model is meant, and only where it has a usual one.
    const first = app.models.demo || app.models.list.length === 0;
    app.say(problem === undefined ? `${name} is connected` : `${name} is saved, but could not be asked: ${problem}`);
    void loadModels(app).then(() => {
      if (!first || !usual || !model) this.choose(model);
      else if (!sameModel(model, app.models.large)) chooseModel(app, model, "large");
    });
  }

  view(width: number): DialogView {
    const { theme } = this.app;
    const name = this.provider?.name ?? "Another server";
    const field = (label: string, input: LineInput, placeholder: string, masked: boolean): { line: Line; col: number } => {
      const view = input.view(Math.max(1, width - 10), theme, placeholder, masked);
      const here = this.input === input;
      return { line: line(span(label.padEnd(9), here ? theme.primary : theme.muted), ...view.line.spans), col: 9 + view.col };
    };
    const address = this.asksAddress ? field("Address", this.address, "http://127.0.0.1:8080/v1", false) : undefined;
    const key = field(
      "Key",
      this.secret,
      this.provider?.needsKey ? "paste it; it is not shown" : "none needed on most machines of one's own",
      true,
    );
    const fields = [...(address ? [address.line] : []), key.line];
    const text = (words: string, style = theme.muted): Line[] => wrap([{ text: words, style }], width);
    const note = this.asking
      ? text(`Asking ${name}…`, theme.secondary)
      : this.problem === undefined
        ? text(`It is kept in ${shortPath(this.file, width)}, which only you can read.`)
        : [...text(this.problem, theme.error), ...(this.forcible ? text("Enter again keeps it all the same.") : [])];
    const row = this.field === "address" || !address ? 0 : 1;
    return {
      title: name,
      lines: [...fields, blank, ...note],
      hint: this.asking ? "esc" : this.asksAddress ? "enter connects · tab other field · esc" : "enter connects · esc",
      cursor: { row, col: this.field === "key" ? key.col : address!.col },
    };
  }
}
