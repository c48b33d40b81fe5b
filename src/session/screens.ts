// The screens of a worker: which session each shows, its view's requests, and what happens when one fails.
import type { Clock, Log } from "../contracts/base.ts";
import type { ToMain, ToWorker } from "../contracts/link.ts";
import { CommandError, type DurableEvent, type LatestEvent } from "../protocol/index.ts";

/** What the host needs of a screen; session/screen has it. */
export interface HostedScreen {
  input(bytes: Uint8Array): void;
  resize(cols: number, rows: number): void;
  ack(seq: number): void;
  repaint(): void;
  focus(focused: boolean): void;
  event(event: DurableEvent | LatestEvent): void;
  show(session: string | undefined): void;
  configured?(notice: string | undefined): void;
  /** Paints what is due and sends the patch, if there is one and credit for it. */
  tick(): void;
  /** True when a tick would do something. */
  readonly due: boolean;
  state(): unknown;
  close(): void;
}

/** What a screen gets from the host. */
export type ScreenPort = {
  clock: Clock;
  send(message: Extract<ToMain, { t: "patch" | "effect" }>): void;
  /** A view's command. @throws CommandError */
  request(method: string, params: unknown): Promise<unknown>;
  /** Something is due: `tick` is called soon. */
  dirty(): void;
  /** Runs work of the view that did not come through the host (a timer): what it throws ends the screen. */
  guard(run: () => void): void;
};

export type OpenHostedScreen = (open: Extract<ToWorker, { t: "screen.open" }>, port: ScreenPort) => HostedScreen;

/** Requests of one view that may be open; a view that asks for more has a fault. */
const requestsMax = 256;

type Open = {
  id: number;
  session: string | undefined;
  screen: HostedScreen;
  waiting: Map<number, { resolve(result: unknown): void; reject(error: Error): void }>;
  /** It goes on elsewhere: what it would still send is no longer for its terminal. */
  moved: boolean;
};

export interface Screens {
  open(message: Extract<ToWorker, { t: "screen.open" }>): void;
  /** Does something with a screen; one that throws is closed with `screen.failed`, and nothing else happens. */
  use(id: number, act: (screen: HostedScreen) => void): void;
  event(event: DurableEvent | LatestEvent): void;
  show(id: number, session: string | undefined): void;
  reply(message: Extract<ToWorker, { t: "reply" }>): void;
  close(id: number, move: boolean): void;
  closeAll(): void;
  paint(): void;
  showing(session: string): boolean;
  readonly size: number;
  /** True when one has something due. */
  readonly waiting: boolean;
}

export function openScreens(host: {
  clock: Clock;
  log: Log;
  open: OpenHostedScreen | undefined;
  send(message: ToMain): void;
  dirty(): void;
}): Screens {
  const all = new Map<number, Open>();

  const fail = (id: number, error: unknown): void => {
    const open = all.get(id);
    all.delete(id);
    host.log.error("a screen failed", { screen: id, error: error instanceof Error ? error.stack : String(error) });
    // Its last patch leaves the terminal in order, so it goes before the word that ends the screen.
    if (open) end(open);
    host.send({ t: "screen.failed", screen: id, message: error instanceof Error ? error.message : String(error) });
  };
  const end = (open: Open): void => {
    for (const { reject } of open.waiting.values())
      reject(new CommandError("shutting_down", "The screen was closed before the answer came"));
    open.waiting.clear();
    try {
      open.screen.close();
    } catch (error) {
      host.log.warn("a screen did not close well", { screen: open.id, error: String(error) });
    }
  };
  const guard = (id: number, act: (open: Open) => void): void => {
    const open = all.get(id);
    if (!open) return;
    try {
      act(open);
    } catch (error) {
      fail(id, error);
    }
  };
  const request = (id: number, method: string, params: unknown): Promise<unknown> => {
    const open = all.get(id);
    // A view may ask while it is being made: the answer comes later in any case.
    const waiting = open?.waiting ?? early.get(id);
    if (!waiting) return Promise.reject(new CommandError("not_found", `Screen ${id} is closed`));
    if (waiting.size >= requestsMax) return Promise.reject(new CommandError("overloaded", `Screen ${id} has ${requestsMax} requests open`));
    const number = ++lastRequest;
    return new Promise((resolve, reject) => {
      waiting.set(number, { resolve, reject });
      host.send({ t: "request", screen: id, id: number, method, params });
    });
  };
  const early = new Map<number, Open["waiting"]>();
  let lastRequest = 0;

  return {
    open(message) {
      const id = message.screen;
      if (!host.open) return void host.send({ t: "screen.failed", screen: id, message: "This server was built without a user interface" });
      const waiting: Open["waiting"] = new Map();
      early.set(id, waiting);
      try {
        const screen = host.open(message, {
          clock: host.clock,
          send(message) {
            if (!all.get(id)?.moved) host.send(message);
          },
          request: (method, params) => request(id, method, params),
          dirty: host.dirty,
          guard: (run) => guard(id, run),
        });
        all.set(id, { id, session: message.session, screen, waiting, moved: false });
      } catch (error) {
        fail(id, error);
      } finally {
        early.delete(id);
      }
    },
    use: (id, act) => guard(id, ({ screen }) => act(screen)),
    event(event) {
      for (const open of all.values()) if (open.session === event.session) guard(open.id, ({ screen }) => screen.event(event));
    },
    show: (id, session) =>
      guard(id, (open) => {
        open.session = session;
        open.screen.show(session);
      }),
    reply({ screen, id, result, error }) {
      const open = all.get(screen);
      const asked = open?.waiting.get(id);
      if (!open || !asked) return;
      open.waiting.delete(id);
      if (error)
        asked.reject(
          new CommandError(error.code, error.message, { retryable: error.retryable, ...(error.data ? { data: error.data } : {}) }),
        );
      else asked.resolve(result);
    },
    close(id, move) {
      guard(id, (open) => {
        if (!move) return;
        host.send({ t: "screen.state", screen: id, state: open.screen.state() });
        open.moved = true;
      });
      const open = all.get(id);
      if (open) end(open);
      all.delete(id);
    },
    closeAll() {
      for (const open of all.values()) end(open);
      all.clear();
    },
    paint() {
      for (const open of all.values()) if (open.screen.due) guard(open.id, ({ screen }) => screen.tick());
    },
    showing(session) {
      for (const open of all.values()) if (open.session === session) return true;
      return false;
    },
    get size() {
      return all.size;
    },
    get waiting() {
      for (const open of all.values()) if (open.screen.due) return true;
      return false;
    },
  };
}
