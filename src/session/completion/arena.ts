// The prompt arena: earlier messages as serialised bytes, kept between the requests of a session.
//
//   head | run , run , ... run | tail         pieces, never joined
//
// A run is consecutive segments (one a message, each with its comma in front) in one chunk of memory. Chunks are only appended to
// and never moved, so what was given out stays as it is while a socket still writes it. The usual turn touches nothing old: the
// conversation says how many messages are as they were, new ones are written behind them, head and tail are made again only
// when the request says something else.
//
// An old message that changes (abandoned, a late result, compaction) costs its own segment: the segments behind it are found again
// by their messages, and the list of runs is made anew. Cache marks that move with the conversation are pieces of their own.
//
// Budget: 60 us for a turn with 7 KB of new messages behind 1 MB (bench/arena.ts).
import type { CompletionRequest, MovingMark, WireFormat } from "../../contracts/wire-format.ts";
import { openChunks, type Run } from "./chunks.ts";
import type { Conversation, Sent } from "./conversation.ts";
import { equalData } from "./equal-data.ts";

/** More pieces than this cost more system calls than copying saves. */
const runsMax = 64;
/** Bytes of changed messages that are left lying before the rest is copied together, if the rest is not more. */
const deadBytesMax = 1 << 20;

/** One message in the arena. Nothing is sent for some: `start` is `end` then. */
type Segment = Run & { of: Sent };

export type Body = {
  pieces: Uint8Array[];
  bytes: number;
  /** Messages that were serialised for it. */
  fresh: number;
};

export interface Arena {
  /**
   * The body of a completion of `turn`. Its pieces stay valid until they have been sent; later bodies do not change them.
   * @throws RangeError when it would be larger than `arenaBytesMax` (chunks.ts)
   */
  body(turn: string, request: CompletionRequest): Body;
  /** Bytes held. */
  readonly size: number;
  /** The conversation forgets it. */
  close(): void;
}

/** What of a request is made once: all but the messages. */
type Frame = { of: CompletionRequest; head: Buffer; tail: Buffer; mark: MovingMark | undefined };

/** An arena belongs to one conversation, wire, provider and model. */
export function openArena(wire: WireFormat, conversation: Conversation): Arena {
  const reader = conversation.reader();
  const memory = openChunks();
  let segments: Segment[] = [];
  let runs: Run[] = [];
  let frame: Frame | undefined;

  const frameOf = (request: CompletionRequest): Frame => {
    if (frame && sameFrame(frame.of, request)) {
      // Compared by identity the next time: attempts of a completion share their request.
      frame.of = request;
      return frame;
    }
    // Segments depend on these two: pictures for a model that sees, reasoning for the one that thought it.
    if (frame && !(equalData(frame.of.provider, request.provider) && equalData(frame.of.model, request.model))) clear();
    frame = { of: request, head: Buffer.from(wire.head(request)), tail: Buffer.from(wire.tail(request)), mark: wire.mark?.(request) };
    return frame;
  };
  const clear = (): void => {
    segments = [];
    runs = [];
    memory.clear();
    reader.restart();
  };
  const append = (segment: Segment): void => {
    segments.push(segment);
    const last = runs.at(-1);
    if (last && last.chunk === segment.chunk && last.end === segment.start) last.end = segment.end;
    else if (segment.end > segment.start) runs.push({ chunk: segment.chunk, start: segment.start, end: segment.end });
  };
  const write = (of: Sent, request: CompletionRequest): Segment => {
    memory.begin();
    const isSent = wire.write(of, request, memory.sink);
    return { of, ...memory.end(isSent) };
  };
  /** Keeps the first `same` segments, and of the others those whose messages are still there. */
  const takeUp = (messages: readonly Sent[], same: number, request: CompletionRequest): number => {
    let fresh = 0;
    const others = new Map<Sent, Segment>();
    if (same < segments.length) {
      const kept = segments;
      for (const segment of kept.slice(same)) others.set(segment.of, segment);
      segments = [];
      runs = [];
      for (const segment of kept.slice(0, same)) append(segment);
    }
    for (let i = same; i < messages.length; i++) {
      const of = messages[i]!;
      let segment = others.get(of);
      if (!segment) {
        segment = write(of, request);
        fresh++;
      }
      append(segment);
    }
    if (others.size > 0) tidy();
    return fresh;
  };
  /** After many changes: everything that counts is copied into new memory. */
  const tidy = (): void => {
    const live = runs.reduce((sum, run) => sum + run.end - run.start, 0);
    if (runs.length <= runsMax && memory.used - live <= Math.max(live, deadBytesMax)) return;
    const old = segments;
    segments = [];
    runs = [];
    memory.clear(live);
    for (const { of, chunk, start, end } of old) {
      memory.begin(false);
      memory.sink.bytes(chunk.subarray(start, end));
      append({ of, ...memory.end(true) });
    }
  };
  const pieces = ({ head, tail, mark }: Frame): Uint8Array[] => {
    const list: Uint8Array[] = [head];
    const marks = mark ? placesOf(mark) : [];
    for (const [i, { chunk, start, end }] of runs.entries()) {
      // The first segment of all has no comma in front.
      let from = i === 0 ? start + 1 : start;
      for (const place of marks) {
        if (place.chunk !== chunk || place.at < from || place.at >= end) continue;
        list.push(chunk.subarray(from, place.at), place.bytes);
        from = place.at;
      }
      list.push(chunk.subarray(from, end));
    }
    list.push(tail);
    return list;
  };
  /** In the order of the segments. */
  const placesOf = ({ text, before, count, fits }: MovingMark): { chunk: Buffer; at: number; bytes: Uint8Array }[] => {
    const places: { chunk: Buffer; at: number; bytes: Uint8Array }[] = [];
    const bytes = Buffer.from(text);
    for (let i = segments.length - 1; i >= 0 && places.length < count; i--) {
      const { of, chunk, start, end } = segments[i]!;
      if (end > start && fits(of)) places.unshift({ chunk, at: end - before, bytes });
    }
    return places;
  };

  return {
    get size() {
      return memory.size + (frame ? frame.head.length + frame.tail.length : 0);
    },
    body(turn, request) {
      try {
        const made = frameOf(request);
        const { messages, same } = reader.read(turn);
        const fresh = takeUp(messages, same, request);
        const list = pieces(made);
        return { pieces: list, bytes: list.reduce((sum, piece) => sum + piece.length, 0), fresh };
      } catch (error) {
        // What was read is not here.
        clear();
        throw error;
      }
    },
    close: () => reader.close(),
  };
}

const sameFrame = (a: CompletionRequest, b: CompletionRequest): boolean =>
  a === b ||
  (equalData(a.model, b.model) && equalData(a.provider, b.provider) && equalData(a.system, b.system) && equalData(a.tools, b.tools));
