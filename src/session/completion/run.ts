// One completion: a request to a provider, read and repeated until it ends in exactly one way.
//
// connecting -> waiting -> streaming -> end       a fault -> retrying -> connecting, or end
//
// Bytes are gathered as they come and read once a turn of the event loop, when the host calls `drain`. Then reading stops
// until the next tick.
import type { Clock } from "../../contracts/base.ts";
import type { CompletionOutcome, ToMain, ToWorker } from "../../contracts/link.ts";
import type { Endpoint, ProviderFault, StreamRecord, WireFormat } from "../../contracts/wire-format.ts";
import type { Delta, Message, Part } from "../../protocol/index.ts";
import type { Body } from "./arena.ts";
import { type Attempt, openAttempt, takeErrorBody } from "./attempt.ts";
import type { Connections } from "./connection.ts";
import { endingOf, finishOf, spentOf } from "./finish.ts";
import { connectionFault, pauseBefore } from "./retry.ts";
import { notAStream, sniff } from "./sniff.ts";
import type { Paced, Ticks } from "./ticks.ts";

/**
 * A short answer of a fast model is there at once: its first reads follow each other closely, so that it does not wait for the
 * grid twice (70 ms of a headless run). A long one pays a few wake-ups more, once.
 */
const briefPauseMs = 8;
const briefPausesMax = 4;

export type CompletionStart = Extract<ToWorker, { t: "completion.start" }>;
type Activity = Extract<ToMain, { t: "completion.activity" }>;

export type CompletionPort = {
  clock: Clock;
  connections: Connections;
  ticks: Ticks;
  wire: WireFormat;
  /** The request's body; called for each attempt. */
  body(): Promise<Body>;
  /** Whether the conversation has a call of this id. */
  callKnown(call: string): boolean;
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

/** What streams says so again after this long. */
const activityMs = 1_000;

export function startCompletion(start: CompletionStart, port: CompletionPort): Completion {
  const { clock, ticks, wire } = port;
  const { request, session, completion, turn } = start;
  const begunAt = clock.now();
  const timing = { connectMs: 0, firstByteMs: 0, totalMs: 0, bytes: 0 };
  const spareMessages = [...start.attemptMessages];
  const faults = faultsOf(request.provider.name);
  let failures = 0;
  let over = false;
  let cancelPause = (): void => {};
  let now: Attempt = openAttempt(session, start.message, begunAt, port.callKnown);

  let pauses = 0;
  const paced: Paced = {
    interval: () => (pauses <= briefPausesMax ? Math.min(briefPauseMs, port.interval()) : port.interval()),
    go() {
      now.stopped = false;
      now.exchange?.go();
    },
  };
  let said: Activity["state"] | undefined;
  let saidAt = 0;
  const say = (state: Activity["state"], more: Partial<Activity> = {}): void => {
    said = state;
    saidAt = clock.now();
    port.activity({ t: "completion.activity", session, completion, state, ...(failures > 0 ? { attempt: failures + 1 } : {}), ...more });
  };

  const connect = async (): Promise<void> => {
    const mine = now;
    say("connecting");
    let body: Body;
    let endpoint: Endpoint;
    try {
      body = await port.body();
      endpoint = wire.endpoint(request, session);
    } catch (error) {
      if (mine === now && !over)
        broke({ kind: "bad_request", message: `The request could not be built: ${(error as Error).message}`, retryable: false });
      return;
    }
    if (mine !== now || over) return;
    if (wire.authorize) {
      const allowed = await wire
        .authorize(request, endpoint, body.pieces)
        .catch((error: unknown) => ({ fault: faults.unsigned(error as Error) }));
      if (mine !== now || over) return;
      if ("fault" in allowed) return broke(allowed.fault);
      endpoint.headers = allowed.headers;
    }
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
  const messageOf = (parts: Part[], more: Partial<Message>): Message => ({
    id: now.message,
    session,
    turn,
    role: "assistant",
    createdAt: now.startedAt,
    finishedAt: clock.now(),
    model: { provider: request.model.provider, model: request.model.model },
    parts,
    ...more,
  });
  /** A message that did not come to its end: kept, marked, and left out of what the model is sent. */
  const cutMessage = (more: Partial<Message>): Message => messageOf(now.answer.parts("cut"), { abandoned: true, ...more });
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
    if (pause === undefined || next === undefined) {
      end(cutMessage({ finish: "error", error: fault.message }), { status: "failed", fault });
      return;
    }
    const retryAt = clock.now() + pause;
    if (now.answer.shown) {
      const message = cutMessage({ finish: "error", error: fault.message });
      port.report({ t: "completion.retry", completion, session, message, next, fault, attempt: failures + 1, retryAt });
    }
    say("retrying", { note: fault.message, retryAt });
    port.count("provider_retries", 1);
    now = openAttempt(session, next, clock.now(), port.callKnown);
    cancelPause = clock.after(pause, () => void connect());
  };

  const done = (): void => {
    const parts = now.answer.parts(endingOf(now.finish));
    const nothing = now.finish === undefined && parts.length === 0;
    if (nothing || now.finish === "error") {
      broke(nothing ? faults.empty : faults.ended);
      return;
    }
    leave(now.ended ? "destroy" : "release");
    const finish = finishOf(now.finish, parts);
    const spent = spentOf(now.usage, now.sentBytes, now.answer.bytes);
    end(messageOf(parts, { finish, usage: { ...spent.usage, cost: spent.cost ?? 0 } }), { status: "ok", finish, ...spent });
  };

  const read = (bytes: Uint8Array): StreamRecord[] => {
    try {
      now.decoder ??= wire.decoder();
      return now.decoder.feed(bytes);
    } catch (error) {
      return [{ kind: "error", error: faults.unread(error as Error) }];
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
    const body = takeErrorBody(now, chunks);
    if (body === undefined) return;
    const byStatus = (status: number): ProviderFault => wire.fault(status, now.headers, body, request.provider);
    broke(now.kind === "error" ? byStatus(now.status) : notAStream(now.kind, body, byStatus));
  };

  const drain = (): void => {
    if (over || (now.chunks.length === 0 && !now.ended && !now.broken)) return;
    const chunks = now.chunks;
    now.chunks = [];
    const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    if (now.kind === "unknown") now.kind = sniff(bytes);
    if (now.kind === "error" || now.kind === "json" || now.kind === "html") {
      // An answer that never came has no body to speak of.
      if (now.errorBytes > 0 || bytes.length > 0 || now.ended) {
        drainError(chunks);
        return;
      }
    }
    let result = bytes.length > 0 ? take(read(bytes)) : undefined;
    if (!result && now.ended) result = take(now.decoder?.end() ?? []) ?? (now.decoder ? "done" : faults.empty);
    // A connection that breaks after the provider said why it stopped has cut nothing.
    if (!result && now.broken) result = now.finish ? "done" : now.broken;
    const deltas = now.answer.deltas();
    if (deltas.length > 0) {
      port.deltas(deltas);
      // Now and then, for those who came meanwhile; main tells it to everybody, and with each tick that would be two more hops.
      if (said !== "streaming" || clock.now() - saidAt >= activityMs) say("streaming");
    }
    // Small servers ignore the bound on tokens that they were asked to keep.
    if (!result && start.textCharsMax !== undefined && now.answer.textChars >= start.textCharsMax) {
      now.finish ??= "max_tokens";
      now.ended = true;
      result = "done";
    }
    if (result) {
      if (result === "done") done();
      else broke(result);
      return;
    }
    // Usage and end mark follow the finish reason closely: they are not waited for a tick.
    if (now.finish !== undefined) return void now.exchange?.watch();
    if (now.stopped) return;
    now.stopped = true;
    pauses++;
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
      const deltas = now.answer.deltas();
      if (deltas.length > 0) port.deltas(deltas);
      end(cutMessage({ finish: "canceled" }), { status: "canceled" });
    },
  };
}

const faultsOf = (provider: string) => ({
  empty: { kind: "network", message: `${provider} ended its answer before it began`, retryable: true } satisfies ProviderFault,
  ended: {
    kind: "server",
    message: `${provider} ended its answer with an error and did not say which`,
    retryable: true,
  } satisfies ProviderFault,
  unsigned: (error: Error): ProviderFault => ({
    kind: "bad_key",
    message: `The request to ${provider} could not be signed: ${error.message}`,
    retryable: false,
  }),
  unread: (error: Error): ProviderFault => ({
    kind: "protocol",
    message: `The stream of ${provider} could not be read: ${error.message}`,
    retryable: true,
  }),
});
