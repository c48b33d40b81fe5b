// The main thread's side of the store: gathers rows while a batch is on its way, one promise a group, order kept.
import type { Clock } from "../contracts/base.ts";
import type { CommitAck, FileVersion, NewEvent, RowBatch, Store, StoreRow, StreamedText } from "../contracts/store.ts";
import { systemClock } from "../contracts/system-clock.ts";
import type { ImportAnswer, TimeStore } from "../contracts/time.ts";
import type { DurableEvent } from "../protocol/index.ts";
import { StoreError } from "./errors.ts";
import { batchBytesMax, batchRowsMax, busyRetryMs, queueRowsMax, textWriteMs } from "./limits.ts";

export type StoreOptions = {
  /**
   * Gives a batch to the writer and answers after its commit. A rejection means that the writer died: what became of the batch is
   * unknown, its rows are refused as `io`, and the next batch calls again, so whoever owns the worker starts a new one.
   */
  run(batch: RowBatch): Promise<CommitAck>;
  /** Ends the writer after the last batch. */
  end?(): Promise<void>;
  clock?: Clock;
  /** A statement took long; name only, never its arguments. */
  onSlow?(statement: string, ms: number): void;
  /** A batch is on disk: its rows, and the time from sending to acknowledgement in ms. */
  onCommit?(rows: number, ms: number): void;
  /** The full-text index does not go on; searches miss what is newer. */
  onIndexFailed?(why: string): void;
};

export interface OpenStore extends Store, TimeStore {
  /** Opens the writer and so makes the file. @throws StoreError `version`, `corrupt`, `busy`, `full`, `io` */
  ready(): Promise<void>;
}

/** Rows that stand or fall together. `settle` gets the ack and where in it the group begins. */
type Group = { rows: StoreRow[]; bytes: number; settle(ack: CommitAck, from: number): void; fail(error: StoreError): void };

const rowBytes = (row: StoreRow): number =>
  row.row === "file" ? (row.version.content?.byteLength ?? 0) : row.row === "text" ? row.text.text.length : 0;

/**
 * Group commit: rows of the same moment go together, and while one batch is in flight the next gathers; so a lone row waits for
 * nothing and many rows share one sync (measured: bench/store.ts). Streamed text is gathered by part and written every `textWriteMs`.
 */
export function openStore(options: StoreOptions): OpenStore {
  const { run, clock = systemClock } = options;
  const queue: Group[] = [];
  let queued = 0;
  let working: Promise<void> | undefined;
  let closed = false;
  const streaming = new Map<string, StreamedText>();
  const reads = new Map<string, Extract<StoreRow, { row: "read" }>>();
  let cancelTimer: (() => void) | undefined;
  let wroteAside = Number.NEGATIVE_INFINITY;

  function enqueue<Result>(rows: StoreRow[], answer: (ack: CommitAck, from: number) => Result): Promise<Result> {
    if (closed) return Promise.reject(new StoreError("closed", "The store was closed before: nothing was written"));
    if (queued + rows.length > queueRowsMax)
      return Promise.reject(new StoreError("busy", `${queued} rows wait for the disk, no more are taken: try again when it answers`));
    return new Promise((resolve, reject) => {
      queued += rows.length;
      queue.push({
        rows,
        bytes: rows.reduce((sum, row) => sum + rowBytes(row), 0),
        settle(ack, from) {
          const failed = ack.failed.find(({ index }) => index >= from && index < from + rows.length);
          if (failed === undefined) resolve(answer(ack, from));
          else reject(new StoreError(failed.code, failed.message));
        },
        fail: reject,
      });
      start();
    });
  }

  function start(): void {
    working ??= Promise.resolve().then(work); // a microtask later: what this tick still brings goes with it
  }

  async function work(): Promise<void> {
    try {
      while (queue.length > 0) await send(nextBatch());
    } finally {
      working = undefined;
    }
  }

  function nextBatch(): Group[] {
    const groups: Group[] = [];
    let rows = 0;
    let bytes = 0;
    while (queue.length > 0) {
      const group = queue[0]!;
      if (groups.length > 0 && (rows + group.rows.length > batchRowsMax || bytes + group.bytes > batchBytesMax)) break;
      groups.push(queue.shift()!);
      rows += group.rows.length;
      bytes += group.bytes;
    }
    return groups;
  }

  async function send(groups: Group[]): Promise<void> {
    const batch: RowBatch = { rows: groups.flatMap((group) => group.rows), groups: groups.map((group) => group.rows.length) };
    const started = performance.now();
    try {
      const ack = await runUntilFree(batch);
      for (const { statement, ms } of ack.slow ?? []) options.onSlow?.(statement, ms);
      if (ack.indexFailed !== undefined) options.onIndexFailed?.(ack.indexFailed);
      const whole = ack.failed.find(({ index }) => index === -1);
      if (whole !== undefined) throw new StoreError(whole.code, whole.message);
      options.onCommit?.(batch.rows.length, performance.now() - started);
      let from = 0;
      for (const group of groups) {
        group.settle(ack, from);
        from += group.rows.length;
      }
    } catch (error) {
      const refused =
        error instanceof StoreError
          ? error
          : new StoreError(
              "io",
              `The store's worker died while it wrote ${batch.rows.length} rows, whether they are on disk is not known`,
              error,
            );
      for (const group of groups) group.fail(refused);
    } finally {
      queued -= batch.rows.length;
    }
  }

  /** Nothing of a busy batch was written, so it can be sent again as it is; later ones wait, which keeps the order. */
  async function runUntilFree(batch: RowBatch): Promise<CommitAck> {
    for (const pause of busyRetryMs) {
      const ack = await run(batch);
      if (!ack.failed.some(({ index, code }) => index === -1 && code === "busy")) return ack;
      await new Promise<void>((resolve) => clock.after(pause, resolve));
    }
    return run(batch);
  }

  /** A row that nobody waits for. Refused, it is dropped: the part's end has the whole text. */
  function aside(row: StoreRow): void {
    enqueue([row], () => {}).catch(() => {});
  }

  function writeAside(): void {
    cancelTimer?.();
    cancelTimer = undefined;
    wroteAside = clock.now();
    const rows: StoreRow[] = [];
    for (const [key, text] of streaming) {
      const kept = endsInHalf(text.text) ? 1 : 0; // half a surrogate pair is no text yet: it goes with its other half
      const ready = kept === 0 ? text.text : text.text.slice(0, -1);
      if (ready !== "") rows.push({ row: "text", text: { ...text, text: ready } });
      if (kept === 0) streaming.delete(key);
      else streaming.set(key, { ...text, offset: text.offset + ready.length, text: text.text.slice(-1) });
    }
    rows.push(...reads.values());
    reads.clear();
    for (const row of rows) aside(row);
  }

  function soon(): void {
    // What has been gathered for so long elsewhere (a session worker) does not wait a second time.
    cancelTimer ??= clock.after(Math.max(0, wroteAside + textWriteMs - clock.now()), writeAside);
  }

  function stream(text: StreamedText): void {
    if (closed || text.text === "") return;
    const key = `${text.message}\n${text.part}`;
    const before = streaming.get(key);
    if (before !== undefined && before.offset + before.text.length === text.offset)
      streaming.set(key, { ...before, ...text, offset: before.offset, text: before.text + text.text });
    else {
      // Not a continuation (an attempt that begins anew): what waits goes first.
      if (before !== undefined) aside({ row: "text", text: before });
      streaming.set(key, text);
    }
    soon();
  }

  /** Text that waits is made obsolete by the end of its part, which has the whole text; the end of its message must find it on disk. */
  function supersede(event: NewEvent): void {
    if (streaming.size === 0) return;
    if (event.kind === "part.finished") streaming.delete(`${event.data.message}\n${event.data.part.id}`);
    else if (event.kind === "message.finished" || event.kind === "session.deleted")
      for (const [key, text] of streaming) {
        if (text.session !== event.session || (event.kind === "message.finished" && text.message !== event.data.message.id)) continue;
        streaming.delete(key);
        if (event.kind === "message.finished") aside({ row: "text", text });
      }
  }

  async function flush(): Promise<void> {
    writeAside();
    while (working !== undefined) await working;
  }

  return {
    async commit(events) {
      if (events.length === 0) return [];
      for (const event of events) supersede(event);
      return enqueue(
        events.map((event): StoreRow => ({ row: "event", event })),
        (ack, from) => events.map((event, at): DurableEvent => ({ type: "event", ...event, seq: ack.seqs[from + at]!, time: ack.time })),
      );
    },
    stream,
    recordWrite: (write) => enqueue([{ row: "write", write }], () => {}),
    openUndo: (record, contents) =>
      // The journal first: it renews what will be put, so that what is kept now cannot take its place.
      enqueue([{ row: "undo", record }, ...contents.map((version): StoreRow => ({ row: "file", version }))], () => {}),
    closeUndo: (id, left) => enqueue([{ row: "undone", id, left }], () => {}),
    fork: (fork) => enqueue([{ row: "fork", fork }], (ack, from) => ack.answers?.[from] as Awaited<ReturnType<TimeStore["fork"]>>),
    importCrush: (from) => enqueue([{ row: "import", from }], (ack, at) => ack.answers?.[at] as ImportAnswer),
    saveFile: (version: FileVersion) => enqueue([{ row: "file", version }], () => {}),
    recordRead(session, path, time) {
      if (closed) return;
      reads.set(`${session}\n${path}`, { row: "read", session, path, time });
      soon();
    },
    saveKey: (key, method, answer) => enqueue([{ row: "key", key, method, answer, time: clock.now() }], () => {}),
    flush,
    async ready() {
      const ack = await runUntilFree({ rows: [] });
      const failed = ack.failed[0];
      if (failed !== undefined) throw new StoreError(failed.code, failed.message);
    },
    async close() {
      if (closed) return;
      await flush();
      closed = true;
      streaming.clear();
      cancelTimer?.();
      while (working !== undefined) await working;
      await options.end?.();
    },
  };
}

const endsInHalf = (text: string): boolean => {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff;
};
