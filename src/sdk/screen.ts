import type { ClientFrame, Effect, Params, Patch, Result } from "../protocol/index.ts";
import { ConnectionError } from "./errors.ts";

/** Keys typed before the server knows the screen; more is a paste into nowhere. */
const typeAheadBytesMax = 64 << 10;
/** Pieces of input remembered until a patch answers them. A key is answered within milliseconds. */
const unansweredMax = 64;

export type ScreenHandlers = {
  /** Check it against the patch grammar, write it, then `ack`. After a reconnect the first has base 0. */
  onPatch(patch: Patch): void;
  onEffect?(effect: Effect): void;
  /** The connection was lost and the screen has been opened again on a new one. */
  onReopen?(): void;
  /** The server refused to open it; it is gone. */
  onError?(error: Error): void;
  /** What to open again after a loss; by default the same session and the present size. */
  reopen?(): Partial<Params<"screen.open">>;
};

/** What a screen needs of its client. */
export type ScreenHost = {
  open(params: Params<"screen.open">): Promise<Result<"screen.open">>;
  show(params: Params<"screen.show">): Promise<Result<"screen.show">>;
  send(frame: ClientFrame): void;
  /** The server's number of a screen has become known (or, undefined, unknown). */
  onId(screen: Screen, id: number | undefined): void;
  closed(screen: Screen, id: number | undefined): void;
};

/** One attached terminal's view. The number that the server gave it changes with each connection and is kept inside. */
export class Screen {
  /** Resolves when the server has opened it for the first time. */
  readonly opened: Promise<void>;
  readonly #host: ScreenHost;
  readonly #handlers: ScreenHandlers;
  #params: Params<"screen.open">;
  #id: number | undefined;
  #session: string | undefined;
  #round = 0;
  #closed = false;
  #typedAhead: Uint8Array[] = [];
  #typedAheadBytes = 0;
  /** Sent, and no patch has come since: lost with a connection that breaks now. */
  #unanswered: Uint8Array[] = [];
  #resolveOpened!: () => void;
  #rejectOpened!: (error: Error) => void;

  constructor(params: Params<"screen.open">, handlers: ScreenHandlers, host: ScreenHost) {
    this.#params = params;
    this.#handlers = handlers;
    this.#host = host;
    this.#session = params.session;
    this.opened = new Promise((resolve, reject) => {
      this.#resolveOpened = resolve;
      this.#rejectOpened = reject;
    });
    this.opened.catch(() => {});
  }

  /** The session that it showed last, as far as the server told. */
  get session(): string | undefined {
    return this.#session;
  }

  /** Keys that come before the server has opened the screen are kept for it, in order. */
  input(bytes: Uint8Array): void {
    if (this.#closed) return;
    if (this.#id !== undefined) {
      this.#host.send({ type: "input", screen: this.#id, bytes });
      if (this.#unanswered.length < unansweredMax) this.#unanswered.push(bytes.slice());
    } else if (this.#typedAheadBytes + bytes.length <= typeAheadBytesMax) {
      this.#typedAhead.push(bytes.slice());
      this.#typedAheadBytes += bytes.length;
    }
  }

  resize(cols: number, rows: number): void {
    this.#params = { ...this.#params, cols, rows };
    if (this.#id !== undefined) this.#host.send({ type: "resize", screen: this.#id, cols, rows });
  }

  /** Patch `seq` is on the terminal. */
  ack(seq: number): void {
    if (this.#id !== undefined) this.#host.send({ type: "ack", screen: this.#id, seq });
  }

  /** What the terminal shows is not known: the next patch has base 0. */
  repaint(): void {
    if (this.#id !== undefined) this.#host.send({ type: "repaint", screen: this.#id });
  }

  focus(focused: boolean): void {
    if (this.#id !== undefined) this.#host.send({ type: "focus", screen: this.#id, focused });
  }

  async show(session: string | undefined): Promise<void> {
    this.#session = session;
    if (this.#id !== undefined) await this.#host.show({ screen: this.#id, ...(session === undefined ? {} : { session }) });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#resolveOpened();
    this.#host.closed(this, this.#id);
  }

  /** For the client: the connection is gone, and with it the server's side of this screen. */
  lost(): void {
    this.#round++;
    if (this.#id !== undefined) this.#host.onId(this, undefined);
    this.#id = undefined;
    // Only words: an enter or a yes may have been heard, and must not be said twice.
    const words = this.#unanswered.splice(0).filter((bytes) => bytes.every((byte) => byte >= 0x20 && byte !== 0x7f));
    this.#typedAhead.unshift(...words);
    for (const bytes of words) this.#typedAheadBytes += bytes.length;
  }

  /** For the client: opens it, at first and after each loss. */
  start(): void {
    const round = ++this.#round;
    const isFirst = round === 1;
    if (!isFirst) {
      // What was typed at start-up has been sent already; a second time it would be a second prompt.
      const { initialPrompt: _, session: __, ...rest } = this.#params;
      this.#params = { ...rest, ...(this.#session === undefined ? {} : { session: this.#session }), ...this.#handlers.reopen?.() };
    }
    const sent = this.#params;
    this.#host.open(sent).then(
      ({ screen, session }) => {
        if (round !== this.#round || this.#closed) return;
        this.#id = screen;
        this.#session = session ?? this.#session;
        this.#host.onId(this, screen);
        // It may have changed while the answer was on its way.
        const { cols, rows } = this.#params;
        if (cols !== sent.cols || rows !== sent.rows) this.resize(cols, rows);
        for (const bytes of this.#typedAhead.splice(0)) this.input(bytes);
        this.#typedAheadBytes = 0;
        this.#resolveOpened();
        if (!isFirst) this.#handlers.onReopen?.();
      },
      (error: Error) => {
        // After a loss the client starts it again.
        if (round === this.#round && !(error instanceof ConnectionError)) this.fail(error);
      },
    );
  }

  fail(error: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#rejectOpened(error);
    this.#handlers.onError?.(error);
    this.#host.closed(this, undefined);
  }

  receive(frame: Patch | Effect): void {
    if (this.#closed) return;
    if (frame.type === "patch") {
      this.#unanswered = [];
      this.#handlers.onPatch(frame);
      return;
    }
    if (frame.effect === "session") this.#session = frame.text;
    this.#handlers.onEffect?.(frame);
  }
}
