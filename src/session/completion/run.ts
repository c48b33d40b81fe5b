// One completion: a request to a provider, read and repeated until it ends in exactly one way.
//
// connecting -> waiting -> streaming -> end       a fault -> retrying -> connecting, or end
//
// Bytes are gathered as they come and read once a turn of the event loop, when the host calls `drain`. Then reading stops
// until the next tick.
import type { Clock } from "../../contracts/base.ts";
import type { CompletionOutcome, ToMain, ToWorker } from "../../contracts/link.ts";
import type { ProviderFault, StreamDecoder, StreamRecord, WireFormat } from "../../contracts/wire-format.ts";
import type { Delta, FinishReason, Message } from "../../protocol/index.ts";
import { type Answer, type Ending, openAnswer } from "./answer.ts";
import type { Body } from "./arena.ts";
import type { Connections, Exchange } from "./connection.ts";
import { connectionFault, pauseBefore } from "./retry.ts";
import { notAStream, type Sniff, sniff } from "./sniff.ts";
import type { Paced, Ticks } from "./ticks.ts";

/** What of an error answer is read. */
export const errorBodyBytesMax = 65_536;
/** Bytes a token, where a provider tells no usage (as Crush estimates). */
const bytesPerToken = 4;

export type CompletionStart = Extract<ToWorker, { t: "completion.start" }>;
type Activity = Extract<ToMain, { t: "completion.activity" }>;

export type CompletionPort = {
  clock: Clock;
  connections: Connections;
  ticks: Ticks;
  wire: WireFormat;
  /** The request's body; called for each attempt. */
  body(): Promise<Body>;
  /** Milliseconds between reads of this session now. */
  interval(): number;
  deltas(deltas: Delta[]): void;
  /** What came of an attempt. Posted at once. */
  report(message: Extract<ToMain, { t: "completion.retry" | "completion.end" }>): void;
  /** Latest wins; posted with the next batch. */
  activity(activity: Activity): void;
  count(name: string, by: number): void;
};

export interface Completion {
  readonly id: string;
  readonly session: string;
  /** Reads what has gathered. */
  drain(): void;
  /** Ends it as canceled, now; the socket is closed. */
  cancel(): void;
}

/** All of one attempt that the next one must not see. */
type Attempt = {
  message: string;
  startedAt: number;
  answer: Answer;
  decoder: StreamDecoder | undefined;
  exchange: Exchange | undefined;
  status: number;
  headers: Record<string, string | string[] | undefined>;
  chunks: Uint8Array[];
  kind: Sniff;
  errorBody: Uint8Array[];
  errorBytes: number;
  ended: boolean;
  broken: ProviderFault | undefined;
  finish: FinishReason | undefined;
  usage: Extract<StreamRecord, { kind: "usage" }> | undefined;
  stopped: boolean;
  sentBytes: number;
};

export function startCompletion(start: CompletionStart, port: CompletionPort): Completion {
  const { clock, ticks, wire } = port;
  const { request, session, completion, turn } = start;
  const begunAt = clock.now();
  const timing = { connectMs: 0, firstByteMs: 0, totalMs: 0, bytes: 0 };
  const spareMessages = [...start.attemptMessages];
  let failures = 0;
  let over = false;
  let cancelPause = (): void => {};
  let now: Attempt = attempt(start.message);

  function attempt(message: string): Attempt {
    return {
      message,
      startedAt: clock.now(),
      answer: openAnswer(session, message),
      decoder: undefined,
      exchange: undefined,
      status: 0,
      headers: {},
      chunks: [],
      kind: "unknown",
      errorBody: [],
      errorBytes: 0,
      ended: false,
      broken: undefined,
      finish: undefined,
      usage: undefined,
      stopped: false,
      sentBytes: 0,
    };
  }
  const paced: Paced = {
    interval: port.interval,
    go() {
      now.stopped = false;
      now.exchange?.go();
    },
  };
  const say = (state: Activity["state"], more: Partial<Activity> = {}): void =>
    port.activity({ t: "completion.activity", session, completion, state, ...(failures > 0 ? { attempt: failures + 1 } : {}), ...more });

  const connect = async (): Promise<void> => {
    const mine = now;
    say("connecting");
    let body: Body;
    let endpoint: { url: string; headers: Record<string, string> };
    try {
      body = await port.body();
      endpoint = wire.endpoint(request, session);
    } catch (error) {
      if (mine === now && !over)
        broke({ kind: "bad_request", message: `The request could not be built: ${(error as Error).message}`, retryable: false });
      return;
    }
    if (mine !== now || over) return;
    mine.startedAt = clock.now();
    mine.sentBytes = body.bytes;
    const current = (): boolean => mine === now && !over;
    mine.exchange = port.connections.post(
      {
        url: endpoint.url,
        headers: endpoint.headers,
        body: body.pieces,
        headersTimeoutMs: request.headersTimeoutMs,
        idleTimeoutMs: request.idleTimeoutMs,
      },
      {
        connected() {
          timing.connectMs = clock.now() - mine.startedAt;
          if (current()) say("waiting");
        },
        head(status, headers) {
          mine.status = status;
          mine.headers = headers;
          if (status < 200 || status > 299) mine.kind = "error";
        },
        bytes(chunk) {
          if (!current()) return;
          if (timing.bytes === 0) timing.firstByteMs = clock.now() - mine.startedAt;
          timing.bytes += chunk.length;
          port.count("provider_reads", 1);
          mine.chunks.push(chunk);
          // A stream that could not be stopped (no handle to stop) waits for its tick all the same.
          if (!mine.stopped) ticks.atOnce();
        },
        end() {
          mine.ended = true;
          if (current()) ticks.atOnce();
        },
        error(error) {
          mine.broken = connectionFault(error);
          if (current()) ticks.atOnce();
        },
      },
    );
  };

  /** Leaves the attempt: its socket, decoder and place on the grid. */
  const leave = (how: "release" | "destroy"): void => {
    ticks.forget(paced);
    now.exchange?.[how]();
    now.decoder?.close();
    now.decoder = undefined;
  };
  const messageOf = (ending: Ending, more: Partial<Message>): Message => ({
    id: now.message,
    session,
    turn,
    role: "assistant",
    createdAt: now.startedAt,
    finishedAt: clock.now(),
    model: { provider: request.model.provider, model: request.model.model },
    parts: now.answer.parts(ending),
    ...more,
  });
  const end = (message: Message, outcome: CompletionOutcome): void => {
    over = true;
    timing.totalMs = clock.now() - begunAt;
    port.report({ t: "completion.end", completion, session, message, outcome, timing });
  };

  const broke = (fault: ProviderFault): void => {
    leave("destroy");
    failures++;
    const pause = pauseBefore(fault, failures, request.retriesMax);
    const next = now.answer.shown ? spareMessages.shift() : now.message;
    if (pause === undefined || next === undefined)
      return end(messageOf("cut", { finish: "error", error: fault.message, abandoned: true }), { status: "failed", fault });
    const retryAt = clock.now() + pause;
    if (now.answer.shown) {
      const message = messageOf("cut", { finish: "error", error: fault.message, abandoned: true });
      port.report({ t: "completion.retry", completion, session, message, next, fault, attempt: failures + 1, retryAt });
    }
    say("retrying", { note: fault.message, retryAt });
    port.count("provider_retries", 1);
    now = attempt(next);
    cancelPause = clock.after(pause, () => void connect());
  };

  const done = (): void => {
    leave(now.ended ? "destroy" : "release");
    // A stream that stopped at its length limit may have cut the last call; its own JSON tells.
    const parts = now.answer.parts(now.finish === "max_tokens" ? "length" : "whole");
    const calls = parts.filter((part) => part.kind === "tool_call");
    // With a whole call to run the turn goes on, whatever the provider calls it; calls that are no JSON are told to the model.
    const runs = calls.some((part) => !part.incomplete) || (calls.length > 0 && now.finish !== "max_tokens");
    const finish: FinishReason =
      now.finish === "content_filter" ? now.finish : runs ? "tool_use" : now.finish === "tool_use" ? "end_turn" : (now.finish ?? "unknown");
    const usage = now.usage?.usage ?? {
      input: Math.ceil(now.sentBytes / bytesPerToken),
      output: Math.ceil(now.answer.bytes / bytesPerToken),
      cacheRead: 0,
      cacheWrite: 0,
      reasoning: 0,
    };
    const message = messageOf("whole", { finish, parts, usage: { ...usage, cost: now.usage?.cost ?? 0 } });
    end(message, {
      status: "ok",
      finish,
      usage,
      ...(now.usage?.cost === undefined ? {} : { cost: now.usage.cost }),
      ...(now.usage ? {} : { estimated: true }),
    });
  };

  const read = (bytes: Uint8Array): StreamRecord[] => {
    try {
      now.decoder ??= wire.decoder();
      return now.decoder.feed(bytes);
    } catch (error) {
      return [
        {
          kind: "error",
          error: { kind: "protocol", message: `The provider's stream could not be read: ${(error as Error).message}`, retryable: true },
        },
      ];
    }
  };
  /** Takes records; the answer is what ended the attempt, if something did. */
  const take = (records: StreamRecord[]): ProviderFault | "done" | undefined => {
    port.count("provider_records", records.length);
    for (const record of records) {
      if (now.answer.take(record)) continue;
      if (record.kind === "finish") now.finish = record.reason;
      else if (record.kind === "usage") now.usage = record;
      else if (record.kind === "done") return "done";
      else if (record.kind === "error") return record.error;
    }
    return undefined;
  };

  const drainError = (chunks: Uint8Array[]): void => {
    for (const chunk of chunks) {
      if (now.errorBytes >= errorBodyBytesMax) break;
      now.errorBody.push(chunk);
      now.errorBytes += chunk.length;
    }
    if (!now.ended && !now.broken && now.errorBytes < errorBodyBytesMax) return;
    const body = Buffer.concat(now.errorBody).subarray(0, errorBodyBytesMax).toString();
    broke(
      now.kind === "error"
        ? wire.fault(now.status, now.headers, body, request.provider)
        : notAStream(now.kind, body, (status) => wire.fault(status, now.headers, body, request.provider)),
    );
  };

  const drain = (): void => {
    if (over || (now.chunks.length === 0 && !now.ended && !now.broken)) return;
    const chunks = now.chunks;
    now.chunks = [];
    const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    if (now.kind === "unknown") now.kind = sniff(bytes);
    if (now.kind === "error" || now.kind === "json" || now.kind === "html") {
      // An answer that never came has no body to speak of.
      if (now.status > 0 && (now.errorBytes > 0 || bytes.length > 0 || now.ended)) return drainError(chunks);
    }
    let result = bytes.length > 0 ? take(read(bytes)) : undefined;
    if (!result && now.ended) result = take(now.decoder?.end() ?? []) ?? (now.decoder ? "done" : emptyBody(request.provider.name));
    // A connection that breaks after the provider said why it stopped has cut nothing.
    if (!result && now.broken) result = now.finish ? "done" : now.broken;
    const deltas = now.answer.deltas();
    if (deltas.length > 0) {
      port.deltas(deltas);
      say("streaming");
    }
    if (result === "done") return done();
    if (result) return broke(result);
    // Usage and end mark follow the finish reason closely: they are not waited for a tick.
    if (now.finish !== undefined || now.stopped) return;
    now.stopped = true;
    now.exchange?.stop();
    ticks.later(paced);
  };

  void connect();
  return {
    id: completion,
    session,
    drain,
    cancel() {
      if (over) return;
      cancelPause();
      leave("destroy");
      // What has come is kept; it is marked as left out of what the model is sent.
      const deltas = now.answer.deltas();
      if (deltas.length > 0) port.deltas(deltas);
      end(messageOf("cut", { finish: "canceled", abandoned: true }), { status: "canceled" });
    },
  };
}

const emptyBody = (provider: string): ProviderFault => ({
  kind: "network",
  message: `${provider} ended its answer before it began`,
  retryable: true,
});
