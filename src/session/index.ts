// A session worker's message loop: arrays of messages in, at most one array out for each wake-up.
//
//   main -> receive: keys, events, commands       provider socket -> completions       tick
//                         \____________________________|______________________________/
//                              work: read, give deltas to screens, paint, post
import type { Clock, Log } from "../contracts/base.ts";
import type { ProviderConfig } from "../contracts/config.ts";
import type { ToMain, ToWorker, WorkerSetup } from "../contracts/link.ts";
import type { Queries } from "../contracts/store.ts";
import type { WireFormat } from "../contracts/wire-format.ts";
import type { Delta } from "../protocol/index.ts";
import { type Completions, openCompletions } from "./completion/index.ts";
import { openTicks } from "./completion/ticks.ts";
import { type OpenHostedScreen, openScreens } from "./screens.ts";

/** Counters go along with a batch, at most this often; they wake nobody. */
const countersMs = 1_000;

/**
 * Text that only the store wants travels at the store's rhythm (store/limits.ts), not with each tick: a delta is an object to be
 * cloned, routed and gathered again. What a worker's death may cost is this much of an answer.
 */
const unwatchedDeltasMs = 250;

export type SessionHostOptions = {
  setup: WorkerSetup;
  clock: Clock;
  log: Log;
  /** Sends a batch to main. */
  post(batch: ToMain[]): void;
  /** A read-only connection, opened when first needed. */
  openQueries(): Promise<Queries>;
  wireFor(provider: ProviderConfig, model: string): WireFormat | undefined;
  /** Absent: a worker without screens. */
  openScreen?: OpenHostedScreen;
};

export interface SessionHost {
  receive(batch: readonly ToWorker[]): void;
  /** Resolves after `shutdown`, when all is closed. */
  readonly closed: Promise<void>;
}

type Handlers = { readonly [T in ToWorker["t"]]: (message: Extract<ToWorker, { t: T }>) => void };

export function openSessionHost(options: SessionHostOptions): SessionHost {
  const { clock, log, post } = options;
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  let queries: Promise<Queries> | undefined;
  let deltas: Delta[] = [];
  /** By part: text of sessions that nobody has subscribed to. */
  const held = new Map<string, Delta>();
  let cancelHold: (() => void) | undefined;
  let out: ToMain[] = [];
  const activities = new Map<string, ToMain>();
  const counters: Record<string, number> = {};
  let countedAt = clock.now();
  /** True while messages are handled or work is done: what turns up then is posted at its end. */
  let busy = false;
  let open = true;
  /** Sessions whose deltas nobody has subscribed to. */
  const unwatched = new Set<string>();

  const count = (name: string, by: number): void => {
    counters[name] = (counters[name] ?? 0) + by;
  };
  /** What was held goes with the next batch. */
  const release = (): void => {
    cancelHold?.();
    cancelHold = undefined;
    deltas.push(...held.values());
    held.clear();
  };
  const hold = (delta: Delta): void => {
    const before = held.get(delta.part);
    if (before && before.message === delta.message && before.offset + before.text.length === delta.offset) {
      held.set(delta.part, { ...before, ...delta, offset: before.offset, text: before.text + delta.text });
      return;
    }
    if (before) release();
    held.set(delta.part, delta);
    cancelHold ??= clock.after(unwatchedDeltasMs, () => {
      release();
      ticks.soon();
    });
  };
  const ticks = openTicks(clock, 1_000 / options.setup.ticksPerSecond, () => work());
  const screens = openScreens({
    clock,
    log,
    open: options.openScreen,
    send(message) {
      out.push(message);
      if (!busy) ticks.atOnce();
    },
    dirty() {
      if (!busy) ticks.soon();
    },
  });
  const completions: Completions = openCompletions({
    clock,
    ticks,
    count,
    queries: () => (queries ??= options.openQueries()),
    wireFor: options.wireFor,
    watched: (session) => !unwatched.has(session) || screens.showing(session),
    deltas(list) {
      for (const delta of list) screens.event(delta);
      for (const delta of list) {
        if (unwatched.has(delta.session)) hold(delta);
        else deltas.push(delta);
      }
      if (!busy) ticks.atOnce();
    },
    report(message) {
      // What an attempt's end says is newer than what it was doing.
      activities.delete(message.completion);
      // Whatever of it was told before goes first.
      release();
      out.push(message);
      if (!busy) ticks.atOnce();
    },
    activity(message) {
      // Nobody would see it; whoever comes hears of it within a second.
      if (unwatched.has(message.session) && !screens.showing(message.session)) return;
      activities.set(message.completion, message);
      if (!busy) ticks.soon();
    },
  });

  const flush = (): void => {
    const batch: ToMain[] =
      deltas.length > 0 ? [{ t: "deltas", deltas }, ...activities.values(), ...out] : [...activities.values(), ...out];
    if (batch.length === 0) return;
    deltas = [];
    out = [];
    activities.clear();
    count("session_batches", 1);
    if (clock.now() - countedAt >= countersMs) {
      countedAt = clock.now();
      batch.push({ t: "counters", counters: { ...counters } });
      for (const name of Object.keys(counters)) delete counters[name];
    }
    post(batch);
  };
  function work(): void {
    if (!open) return;
    count("session_wakes", 1);
    busy = true;
    try {
      completions.drain();
    } finally {
      answer();
    }
  }
  /** Paints and posts. What the provider sockets have brought meanwhile waits for its own turn: a key's echo goes first. */
  function answer(): void {
    busy = true;
    screens.paint();
    busy = false;
    flush();
    // A frame too large for one patch goes on at the next tick.
    if (screens.waiting) ticks.soon();
  }

  const handlers: Handlers = {
    events({ session, events }) {
      completions.events(session, events);
      for (const event of events) screens.event(event);
    },
    latest: ({ event }) => screens.event(event),
    "completion.start": (message) => completions.start(message),
    "completion.cancel": ({ completion }) => completions.cancel(completion),
    "session.watched": ({ session, deltas: on }) => {
      if (!on) return void unwatched.add(session);
      unwatched.delete(session);
      release();
    },
    "session.forget"({ session }) {
      completions.forget(session);
      unwatched.delete(session);
    },
    "screen.open": (message) => screens.open(message),
    "screen.input": ({ screen, bytes }) => screens.use(screen, (it) => it.input(bytes)),
    "screen.resize": ({ screen, cols, rows }) => screens.use(screen, (it) => it.resize(cols, rows)),
    "screen.ack": ({ screen, seq }) => screens.use(screen, (it) => it.ack(seq)),
    "screen.repaint": ({ screen }) => screens.use(screen, (it) => it.repaint()),
    "screen.focus": ({ screen, focused }) => screens.use(screen, (it) => it.focus(focused)),
    "screen.show": ({ screen, session }) => screens.show(screen, session),
    "screen.configured": ({ screen, notice }) => screens.use(screen, (it) => it.configured?.(notice)),
    "screen.close": ({ screen, move }) => screens.close(screen, move === true),
    reply(message) {
      screens.reply(message);
      // The view goes on in a microtask, after this.
      ticks.atOnce();
    },
    inventory: ({ id }) =>
      out.push({
        t: "inventory",
        id,
        counts: {
          conversations: completions.held,
          completions: completions.running,
          screens: screens.size,
          unwatched: unwatched.size,
          heldDeltas: held.size,
        },
      }),
    shutdown() {
      completions.close();
      screens.closeAll();
      ticks.close();
      release();
      void queries?.then((opened) => opened.close());
      flush();
      open = false;
      close();
    },
  };
  /** What may wait for the tick: an acknowledgement, a tool's output; the rest is worked off in this wake-up. */
  const patient: ReadonlySet<ToWorker["t"]> = new Set<ToWorker["t"]>([
    "latest",
    "screen.ack",
    "completion.start",
    "session.watched",
    "session.forget",
    "reply",
  ]);

  return {
    closed,
    receive(batch) {
      if (!open) return;
      let wait = true;
      busy = true;
      for (const message of batch) {
        if (!patient.has(message.t)) wait = false;
        try {
          (handlers[message.t] as ((message: ToWorker) => void) | undefined)?.(message);
        } catch (error) {
          // A mistake of ours in one session must not end the others.
          log.error("a message to the session worker was not handled", { type: message.t, error: (error as Error).stack });
        }
      }
      busy = false;
      if (!open) return;
      if (!wait) answer();
      else if (screens.waiting || out.length > 0 || activities.size > 0 || deltas.length > 0) ticks.soon();
    },
  };
}
