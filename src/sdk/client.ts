import {
  type Hello,
  type MethodName,
  type Params,
  protocolVersion,
  type Result,
  type ServerFrame,
  type Welcome,
} from "../protocol/index.ts";
import { ConnectionError } from "./errors.ts";
import { Link } from "./link.ts";
import { type ClientState, type ConnectOptions, defaultBackoff, type RequestOptions } from "./options.ts";
import { Requests } from "./requests.ts";
import { Screen, type ScreenHandlers } from "./screen.ts";
import { Subscription, type SubscriptionHandlers } from "./subscription.ts";
import { openGlobalSocket, type Target } from "./transport.ts";

/** Requests that a loss ends: their effect is bound to the connection, or is the loss itself. */
const boundToConnection: ReadonlySet<string> = new Set([
  "session.subscribe",
  "session.unsubscribe",
  "screen.open",
  "screen.close",
  "screen.show",
  "server.stop",
]);

/**
 * A connection to a server that mends itself. Everything may be called at once: what is asked for before the welcome travels
 * right behind hello.
 */
export class Client {
  /** The first welcome. @throws ConnectionError when there will be none */
  readonly ready: Promise<Welcome>;
  readonly #options: ConnectOptions;
  readonly #requests = new Requests((frame) => {
    if (!this.#link?.isOpen) return false;
    this.#link.send(frame);
    return true;
  });
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #screens = new Set<Screen>();
  readonly #screenById = new Map<number, Screen>();
  /** Frames of screens whose number has not been told yet: the answer may come behind the first patch. */
  #early: Extract<ServerFrame, { screen: number }>[] = [];
  #target: Target;
  #link: Link | undefined;
  #state: ClientState = "connecting";
  #welcome: Welcome | undefined;
  #attempt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #resolveReady!: (welcome: Welcome) => void;
  #rejectReady!: (error: Error) => void;
  #whenEnded: (() => void)[] = [];

  constructor(options: ConnectOptions) {
    this.#options = options;
    const { url, socket, token } = options;
    this.#target = {
      ...(url === undefined ? {} : { url }),
      ...(socket === undefined ? {} : { socket }),
      ...(token === undefined ? {} : { token }),
    };
    this.ready = new Promise((resolve, reject) => {
      this.#resolveReady = resolve;
      this.#rejectReady = reject;
    });
    this.ready.catch(() => {});
    this.#connect();
  }

  get state(): ClientState {
    return this.#state;
  }

  /** The newest welcome: epoch, limits, warnings. */
  get welcome(): Welcome | undefined {
    return this.#welcome;
  }

  /** @throws RequestError, ConnectionError */
  request<M extends MethodName>(method: M, params: Params<M>, options: RequestOptions = {}): Promise<Result<M>> {
    if (this.#state === "closed") return Promise.reject(new ConnectionError("closed", `${method}: the client is closed`));
    return this.#requests.start(method, params, options, !boundToConnection.has(method)) as Promise<Result<M>>;
  }

  /** One subscription a session and client. */
  subscribe(session: string, handlers: SubscriptionHandlers): Subscription {
    if (this.#subscriptions.has(session)) throw new TypeError(`session ${session} is subscribed to already: close that subscription first`);
    const subscription = new Subscription(
      session,
      handlers,
      (params) => this.request("session.subscribe", params),
      () => {
        if (this.#subscriptions.get(session) !== subscription) return;
        this.#subscriptions.delete(session);
        if (this.#link?.isOpen) this.request("session.unsubscribe", { session }).catch(() => {});
      },
    );
    this.#subscriptions.set(session, subscription);
    if (this.#link?.isOpen) subscription.start();
    return subscription;
  }

  screen(params: Params<"screen.open">, handlers: ScreenHandlers): Screen {
    const screen = new Screen(params, handlers, {
      open: (open) => this.request("screen.open", open),
      show: (show) => this.request("screen.show", show),
      send: (frame) => this.#link?.send(frame),
      onId: (opened, id) => this.#identify(opened, id),
      closed: (closed, id) => {
        this.#screens.delete(closed);
        if (id === undefined) return;
        this.#screenById.delete(id);
        this.request("screen.close", { screen: id }).catch(() => {});
      },
    });
    this.#screens.add(screen);
    if (this.#link?.isOpen) screen.start();
    return screen;
  }

  /** Resolves when the socket is closed. What still waits is rejected with `closed`. */
  close(): Promise<void> {
    const done = this.#link ? new Promise<void>((resolve) => this.#whenEnded.push(resolve)) : Promise.resolve();
    this.#link?.close();
    this.#finish(new ConnectionError("closed", "the client was closed"));
    return done;
  }

  #connect(): void {
    const { client, capabilities = [], json = false, open = openGlobalSocket } = this.#options;
    const { token } = this.#target;
    const hello: Hello = {
      type: "hello",
      protocol: protocolVersion,
      client,
      capabilities,
      ...(token === undefined ? {} : { token }),
      ...(this.#welcome ? { resume: { epoch: this.#welcome.epoch } } : {}),
    };
    const link = new Link(open, this.#target, hello, json, {
      onOpen: () => {
        for (const subscription of this.#subscriptions.values()) subscription.start();
        for (const screen of this.#screens) screen.start();
        this.#requests.sendAll();
      },
      onWelcome: (welcome) => this.#welcomed(welcome),
      onFrame: (frame) => this.#receive(frame),
      onEnd: (error) => this.#ended(error),
    });
    this.#link = link;
  }

  #welcomed(welcome: Welcome): void {
    const before = this.#welcome?.epoch;
    this.#welcome = welcome;
    this.#attempt = 0;
    this.#enter("open");
    this.#resolveReady(welcome);
    if (before !== undefined && before !== welcome.epoch) this.#options.onEpoch?.(welcome.epoch);
  }

  #receive(frame: Exclude<ServerFrame, Welcome>): void {
    if (!("type" in frame)) {
      this.#requests.answer(frame);
      return;
    }
    switch (frame.type) {
      case "patch":
      case "effect": {
        const screen = this.#screenById.get(frame.screen);
        if (screen) screen.receive(frame);
        else if (this.#screens.size > this.#screenById.size) this.#early.push(frame);
        return;
      }
      case "heartbeat":
        for (const subscription of this.#subscriptions.values()) subscription.heartbeat(frame);
        return;
      case "event":
      case "delta":
      case "progress":
      case "activity":
      case "live":
      case "resync":
        this.#subscriptions.get(frame.session)?.receive(frame);
        return;
      // What a newer server says beyond this is not for us.
    }
  }

  #identify(screen: Screen, id: number | undefined): void {
    if (id === undefined) {
      for (const [known, owner] of this.#screenById) if (owner === screen) this.#screenById.delete(known);
      return;
    }
    this.#screenById.set(id, screen);
    const early = this.#early.filter((frame) => frame.screen === id);
    this.#early = this.#screens.size > this.#screenById.size ? this.#early.filter((frame) => frame.screen !== id) : [];
    for (const frame of early) screen.receive(frame);
  }

  #ended(error: ConnectionError): void {
    this.#link = undefined;
    for (const resolve of this.#whenEnded.splice(0)) resolve();
    if (this.#state === "closed") return;
    this.#early = [];
    for (const screen of this.#screens) screen.lost();
    this.#requests.lost(error);
    const { reconnect, onReconnect } = this.#options;
    const wasOpen = this.#welcome !== undefined;
    const isFinal = error.code === "refused" || reconnect === false || (!wasOpen && !onReconnect && reconnect === undefined);
    if (isFinal) this.#finish(error);
    else void this.#again(error, wasOpen);
  }

  async #again(error: ConnectionError, wasOpen: boolean): Promise<void> {
    const { firstMs, maxMs, attemptsMax } = { ...defaultBackoff, ...(this.#options.reconnect || {}) };
    const attempt = ++this.#attempt;
    if (attempt > attemptsMax) return this.#finish(error);
    this.#enter(wasOpen ? "reconnecting" : "connecting");
    let answer: Target | false | undefined;
    try {
      answer = await this.#options.onReconnect?.({ error, attempt, wasOpen });
    } catch (cause) {
      return this.#finish(cause as Error);
    }
    if ((this.#state as ClientState) === "closed") return;
    if (answer === false) return this.#finish(error);
    if (answer) {
      this.#target = answer;
      return this.#connect();
    }
    const full = Math.min(maxMs, firstMs * 2 ** (attempt - 1));
    this.#retry = setTimeout(() => this.#connect(), full * (0.5 + Math.random() / 2));
  }

  #finish(error: Error): void {
    if (this.#state === "closed") return;
    clearTimeout(this.#retry);
    this.#enter("closed");
    this.#rejectReady(error);
    this.#requests.fail(error);
    for (const subscription of [...this.#subscriptions.values()]) subscription.fail(error);
    for (const screen of [...this.#screens]) screen.fail(error);
  }

  #enter(state: ClientState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#options.onState?.(state);
  }
}
