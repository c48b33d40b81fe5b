// What a worker keeps of its sessions for their prompts: conversations and the arenas that they are sent from.
//
//   absent --begin--> read from the store --> held, its turn runs --turn.completed--> held, idle --bound, time or forget--> absent
//
// Only what is idle is dropped, the longest unused first; the next prompt reads it from the store again (8 ms a MB).
import type { Clock } from "../../contracts/base.ts";
import type { Queries } from "../../contracts/store.ts";
import type { CompletionRequest, WireFormat } from "../../contracts/wire-format.ts";
import type { DurableEvent } from "../../protocol/index.ts";
import { type Arena, openArena } from "./arena.ts";
import { type Conversation, openConversation } from "./conversation.ts";

/**
 * Of a worker; whoever runs a turn counts and is not dropped. A conversation that fills a window of 200,000 tokens is about 0.8 MB as
 * text and as much again as bytes: forty such are ready at once, and a server with four workers stays within a small machine.
 */
export const heldBytesMax = 64 << 20;
/** A session that nobody has prompted for so long is read again when somebody does; nobody notices. */
export const heldIdleMs = 15 * 60_000;
/** Arenas of one session: one for the model in use and one for the model before it. Titles and such have none. */
const arenasMax = 2;
/** Messages read at once from the store: about 1 ms; between pages other sessions get their tick. */
const loadPageMessages = 64;

export interface Held {
  readonly conversation: Conversation;
  /** Rejects when the store could not be read; it is read again then for the next request. */
  readonly loaded: Promise<void>;
  arena(wire: WireFormat, request: CompletionRequest): Arena;
}

export interface Holder {
  /** A completion of the turn begins. */
  begin(session: string, turn: string): void;
  /** It has ended; its turn may go on. */
  end(session: string): void;
  /** What is held of the session, read from the store if nothing is. */
  hold(session: string): Held;
  knows(session: string, call: string): boolean;
  events(session: string, events: readonly DurableEvent[]): void;
  forget(session: string): void;
  readonly size: number;
  /** Drops idle sessions until the rest keeps within the bound. */
  settle(): void;
  close(): void;
}

export type HolderOptions = {
  clock: Clock;
  queries(): Promise<Queries>;
  count(name: string, by: number): void;
};

type Entry = Held & {
  /** Events that came while the store was read. */
  early: DurableEvent[] | undefined;
  arenas: Map<string, Arena>;
  usedAt: number;
};
/** Completions that run now, and the turn that is not over. Known also of sessions of which nothing is held yet. */
type Use = { completions: number; turn: string };

export function openHolder({ clock, queries, count }: HolderOptions): Holder {
  /** The longest unused first. */
  const held = new Map<string, Entry>();
  const uses = new Map<string, Use>();
  let cancelTimer: (() => void) | undefined;

  async function load(session: string, into: Entry): Promise<void> {
    const store = await queries();
    let after: string | undefined;
    for (;;) {
      const { messages, next } = store.prompted(session, { ...(after === undefined ? {} : { after }), limit: loadPageMessages });
      for (const message of messages) into.conversation.load(message);
      if (next === undefined) break;
      after = next;
      await new Promise((resolve) => setImmediate(resolve));
    }
    // Events that came meanwhile were told after what they speak of had been written: some of it was in the pages.
    for (const event of into.early ?? []) into.conversation.apply(event);
    into.early = undefined;
    count("conversations_read", 1);
  }

  function make(session: string): Entry {
    const conversation = openConversation(session);
    const arenas = new Map<string, Arena>();
    const entry: Entry & { loaded: Promise<void> } = {
      conversation,
      arenas,
      early: [],
      usedAt: 0,
      loaded: Promise.resolve(),
      arena(wire, request) {
        const key = JSON.stringify([wire.id, request.provider.id, request.model.model]);
        const arena = arenas.get(key) ?? openArena(wire, conversation);
        // Put last again: the first one is the one that was not used for longest.
        arenas.delete(key);
        arenas.set(key, arena);
        for (const [old, { close }] of arenas) {
          if (arenas.size <= arenasMax) break;
          close();
          arenas.delete(old);
        }
        return arena;
      },
    };
    entry.loaded = load(session, entry);
    entry.loaded.catch(() => held.get(session) === entry && held.delete(session));
    return entry;
  }

  /** One timer for all, when there is something to wait for. */
  function watch(): void {
    if (cancelTimer || held.size === 0) return;
    const first = held.values().next().value!;
    cancelTimer = clock.after(Math.max(1, first.usedAt + heldIdleMs - clock.now()), () => {
      cancelTimer = undefined;
      const before = clock.now() - heldIdleMs;
      // A turn that waits for somebody's yes for so long waits without its conversation.
      for (const [session, { usedAt }] of held) {
        if (usedAt > before) break;
        if (uses.get(session)?.completions) touch(session);
        else drop(session);
      }
      watch();
    });
  }
  function touch(session: string): void {
    const entry = held.get(session)!;
    entry.usedAt = clock.now();
    held.delete(session);
    held.set(session, entry);
  }
  function drop(session: string): void {
    held.delete(session);
    uses.delete(session);
    count("conversations_dropped", 1);
  }
  const bytesOf = ({ conversation, arenas }: Entry): number => {
    let bytes = conversation.bytes;
    for (const arena of arenas.values()) bytes += arena.size;
    return bytes;
  };
  function settle(): void {
    let bytes = 0;
    for (const entry of held.values()) bytes += bytesOf(entry);
    for (const [session, entry] of held) {
      if (bytes <= heldBytesMax) return;
      if (uses.has(session)) continue;
      bytes -= bytesOf(entry);
      drop(session);
    }
  }

  return {
    settle,
    begin(session, turn) {
      const use = uses.get(session);
      uses.set(session, { turn, completions: (use?.completions ?? 0) + 1 });
    },
    end(session) {
      const use = uses.get(session);
      if (use) use.completions--;
    },
    hold(session) {
      if (!held.has(session)) held.set(session, make(session));
      touch(session);
      watch();
      return held.get(session)!;
    },
    knows: (session, call) => held.get(session)?.conversation.knows(call) ?? false,
    events(session, events) {
      // What counts has changed in the middle: read anew when it is asked for.
      if (events.some(({ kind }) => kind === "turn.undone" || kind === "turn.redone")) held.delete(session);
      const mine = held.get(session);
      if (mine?.early) mine.early.push(...events);
      else if (mine) for (const event of events) mine.conversation.apply(event);
      const turn = uses.get(session)?.turn;
      if (turn === undefined || !events.some(({ kind, data }) => kind === "turn.completed" && data.turn.id === turn)) return;
      uses.delete(session);
      settle();
    },
    forget(session) {
      held.delete(session);
      uses.delete(session);
    },
    /** What is held, or known to be in use, of any session. */
    get size() {
      return new Set([...held.keys(), ...uses.keys()]).size;
    },
    close: () => cancelTimer?.(),
  };
}
