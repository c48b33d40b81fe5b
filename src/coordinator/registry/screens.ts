import type { Log } from "../../contracts/base.ts";
import type { Peer } from "../../contracts/coordinator.ts";
import type { ToMain, ToWorker } from "../../contracts/link.ts";
import {
  CommandError,
  type Params,
  patchesPerAck,
  type ScreenMode,
  screensPerConnectionMax,
  type TerminalTraits,
} from "../../protocol/index.ts";
import type { Shards } from "../link/shards.ts";
import { pin } from "./pin.ts";
import type { Sessions } from "./sessions.ts";

export type Screen = {
  readonly id: number;
  readonly peer: Peer;
  readonly workspace: string;
  readonly term: TerminalTraits;
  readonly mode: ScreenMode;
  readonly yolo: boolean;
  cols: number;
  rows: number;
  shard: number;
  session: string | undefined;
  /** While it moves to another worker: what arrived for it meanwhile. */
  moving: ToWorker[] | undefined;
  /** Of its present worker: the last patch that was passed to the client, and the last acknowledgement that was passed to the worker. */
  sent: number;
  acknowledged: number;
};

type OpenParams = Params<"screen.open">;

/** Attached terminals: who has them, which worker paints them, what they show. */
export class Screens {
  readonly #shards: Shards;
  readonly #sessions: Sessions;
  readonly #log: Log;
  readonly #changed: () => void;
  readonly #screens = new Map<number, Screen>();
  #next = 1;

  constructor(options: { shards: Shards; sessions: Sessions; log: Log /** One came or went. */; changed?: () => void }) {
    this.#shards = options.shards;
    this.#sessions = options.sessions;
    this.#log = options.log;
    this.#changed = options.changed ?? (() => {});
  }

  all(): Iterable<Screen> {
    return this.#screens.values();
  }

  get size(): number {
    return this.#screens.size;
  }

  get(id: number): Screen | undefined {
    return this.#screens.get(id);
  }

  /** The peer's screen. @throws CommandError not_found */
  owned(id: number, peer: Peer): Screen {
    const screen = this.#screens.get(id);
    if (screen?.peer !== peer) throw new CommandError("not_found", `This connection has no screen ${id}`);
    return screen;
  }

  shows(session: string): boolean {
    for (const screen of this.#screens.values()) if (screen.session === session) return true;
    return false;
  }

  /** @throws CommandError limit, not_found (the session); ShardError */
  open(peer: Peer, params: OpenParams): Screen {
    const mine = [...this.#screens.values()].filter((screen) => screen.peer === peer);
    if (mine.length >= screensPerConnectionMax)
      throw new CommandError("limit", `This connection has ${screensPerConnectionMax} screens, which is the most`);
    const shard = params.session === undefined ? this.#shards.place() : this.#pin(params.session, undefined);
    const { cols, rows, term, mode, workspace, session, yolo = false } = params;
    const screen: Screen = {
      id: this.#next++,
      peer,
      workspace,
      term,
      mode,
      yolo,
      cols,
      rows,
      shard,
      session,
      moving: undefined,
      sent: 0,
      acknowledged: 0,
    };
    this.#openOn(screen, params.initialPrompt === undefined ? {} : { initialPrompt: params.initialPrompt });
    this.#screens.set(screen.id, screen);
    this.#changed();
    return screen;
  }

  /** To the worker, at once; kept while the screen moves. A shard that is down has nobody to tell. */
  pass(screen: Screen, message: ToWorker): void {
    if (screen.moving !== undefined) screen.moving.push(message);
    else this.#shards.tellNow(screen.shard, message);
  }

  /** A patch of the screen's worker, to the client. What a worker says that no longer has the screen is dropped. */
  patch({ screen: id, base, seq, bytes }: Extract<ToMain, { t: "patch" }>, shard: number): void {
    const screen = this.#screens.get(id);
    // One that has moved is painted by its new worker.
    if (screen?.shard !== shard) return;
    screen.sent = seq;
    screen.peer.send({ type: "patch", screen: id, base, seq, bytes });
  }

  /**
   * Patch `seq` is on the terminal. That is worth nothing to a worker before its credit runs low, and each is a hop that wakes it: a
   * client that acknowledges every patch is thinned out. One that lags is heard at once, and a worker that waits for credit has
   * always more than this open.
   */
  ack(screen: Screen, seq: number): void {
    if (screen.moving !== undefined || screen.sent - screen.acknowledged < patchesPerAck) return;
    // One for the worker before this one may come late, and says more than was sent.
    screen.acknowledged = Math.max(screen.acknowledged, Math.min(seq, screen.sent));
    this.#shards.tell(screen.shard, { t: "screen.ack", screen: screen.id, seq });
  }

  resize(screen: Screen, cols: number, rows: number): void {
    screen.cols = cols;
    screen.rows = rows;
    this.pass(screen, { t: "screen.resize", screen: screen.id, cols, rows });
  }

  /** Shows another session (or none). A session that lives on another worker draws the screen there. */
  show(screen: Screen, session: string | undefined): void {
    const shard = session === undefined ? screen.shard : this.#pin(session, screen.shard);
    screen.session = session;
    screen.peer.send({ type: "effect", screen: screen.id, effect: "session", ...(session !== undefined && { text: session }) });
    if (screen.moving !== undefined) return;
    if (shard === screen.shard) {
      this.#shards.tellNow(shard, { t: "screen.show", screen: screen.id, ...(session !== undefined && { session }) });
      return;
    }
    screen.moving = [];
    this.#shards.tellNow(screen.shard, { t: "screen.close", screen: screen.id, move: true });
  }

  /** The old worker has let go of a screen that moves. */
  moved({ screen: id, state }: Extract<ToMain, { t: "screen.state" }>): void {
    const screen = this.#screens.get(id);
    if (screen?.moving === undefined) return;
    this.#arrive(screen, { state });
  }

  close(screen: Screen): void {
    this.#screens.delete(screen.id);
    this.#changed();
    this.#shards.tellNow(screen.shard, { t: "screen.close", screen: screen.id });
  }

  leave(peer: Peer): void {
    for (const screen of [...this.#screens.values()]) if (screen.peer === peer) this.close(screen);
  }

  /** The shard's worker died: its screens are painted again by the next one, from nothing. */
  shardDied(shard: number): void {
    for (const screen of this.#screens.values()) {
      if (screen.shard !== shard) continue;
      if (screen.moving !== undefined) this.#arrive(screen, {});
      else this.#reopen(screen, {});
    }
  }

  /** Ends a screen that cannot be shown; the client leaves and prints why. */
  fail(id: number, message: string): void {
    const screen = this.#screens.get(id);
    if (screen === undefined) return;
    this.#log.error("screen failed", { screen: id, message });
    this.#screens.delete(id);
    this.#changed();
    screen.peer.send({ type: "effect", screen: id, effect: "quit", text: message });
  }

  #arrive(screen: Screen, extra: { state?: unknown }): void {
    const waiting = screen.moving ?? [];
    screen.moving = undefined;
    if (screen.session !== undefined) screen.shard = this.#pin(screen.session, screen.shard);
    if (this.#reopen(screen, extra)) for (const message of waiting) this.#shards.tellNow(screen.shard, message);
  }

  #reopen(screen: Screen, extra: { state?: unknown }): boolean {
    try {
      this.#openOn(screen, extra);
      return true;
    } catch (error) {
      this.fail(screen.id, error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  #openOn(screen: Screen, extra: { state?: unknown; initialPrompt?: string }): void {
    const { id, cols, rows, term, mode, yolo, workspace, session } = screen;
    screen.sent = 0;
    screen.acknowledged = 0;
    this.#shards.sendNow(screen.shard, {
      t: "screen.open",
      screen: id,
      cols,
      rows,
      term,
      mode,
      workspace,
      ...(session !== undefined && { session }),
      ...(yolo && { yolo }),
      ...extra,
    });
  }

  /** Where the session lives; one that lives nowhere yet comes to `near`. */
  #pin(session: string, near: number | undefined): number {
    return pin(this.#sessions.open(session), () => near ?? this.#shards.place());
  }
}
