import { MessageChannel, type MessagePort } from "node:worker_threads";
import { Piscina } from "piscina";
import type { AttachTask, ToMain, ToWorker, WorkerSetup } from "../../contracts/link.ts";
import { noPlanes, type Planes } from "../../metrics/planes.ts";
import { countsOf, type HopCounts, type LinkCounters, type LinkFactory } from "./link.ts";
import { Outbox } from "./outbox.ts";
import { payloadOf } from "./payload.ts";

/** A worker that was asked to end closes its provider sockets and its database; more time than this means it hangs. */
const closeMs = 2_000;

/** A worker that has been started; its port keeps what it says until somebody listens. */
type Started = { pool: Piscina; port: MessagePort; life: Promise<unknown> };

export type SessionLinks = LinkFactory & {
  /** Starts a shard's worker before its link is opened: a thread takes 50 ms to start, in which the main thread can do the rest. */
  prepare(shard: number): void;
};

/**
 * Links to real session workers: a Piscina pool of one thread for each, because a session is pinned to its thread.
 * @param options.filename  the built worker entry; its default export takes an AttachTask
 */
export function sessionLinks(options: {
  filename: string;
  /** What the workers start in; by default the process's. */
  env?: NodeJS.ProcessEnv;
  setup: (shard: number) => WorkerSetup;
  counters: LinkCounters;
  /** How long each batch waited for this thread: the coordinator's event-loop delay, seen by those who wait for it. */
  onDelay?(ms: number): void;
  /** Where the time of posting and receiving is charged. */
  planes?: Pick<Planes, "charge">;
}): SessionLinks {
  const { planes = noPlanes } = options;
  const prepared = new Map<number, Started>();
  const start = (shard: number): Started => {
    const pool = new Piscina({
      filename: options.filename,
      ...(options.env && { env: options.env }),
      // The one thread starts with the attach task below. With minThreads 1 Piscina would start another by itself when it dies,
      // which nobody had attached to.
      minThreads: 0,
      maxThreads: 1,
      // These workers hold sockets: waiting in Atomics between tasks would stop their event loop.
      atomics: "disabled",
      recordTiming: false,
      workerData: options.setup(shard),
    });
    // A worker that dies with its task pending rejects it; the event would only say so again, or end the process.
    pool.on("error", () => {});
    const { port1: port, port2 } = new MessageChannel();
    const life = pool.run({ port: port2 } satisfies AttachTask<MessagePort>, { transferList: [port2] });
    life.catch(() => {});
    return { pool, port, life };
  };

  const open: LinkFactory = (shard, events) => {
    const counts: HopCounts = countsOf(options.counters, shard);
    const { pool, port, life: task } = prepared.get(shard) ?? start(shard);
    prepared.delete(shard);
    let open = true;

    const died = (error: Error): void => {
      if (!open) return;
      open = false;
      port.close();
      void pool.destroy();
      events.died(error);
    };
    pool.on("error", (error) => died(error as Error));
    const life = task.then(
      () => died(new Error(`session worker ${shard} ended without being asked to`)),
      (error: unknown) => died(error instanceof Error ? error : new Error(String(error))),
    );
    port.on("message", (batch: ToMain[]) => {
      if (!open) return;
      const last = batch.at(-1);
      if (last?.t === "posted") {
        const [seconds, nanoseconds] = process.hrtime();
        options.onDelay?.(seconds * 1_000 + nanoseconds / 1e6 - last.at);
        batch.pop();
      }
      planes.charge("link", () => {
        counts.hopsIn++;
        counts.messagesIn += batch.length;
        for (const message of batch) counts.bytesIn += payloadOf(message);
        counts.batchMax = Math.max(counts.batchMax, batch.length);
        events.messages(batch);
      });
    });
    // The server's sockets keep the process alive, not an idle worker.
    port.unref();

    const outbox = new Outbox<ToWorker>((batch) => {
      if (!open) return;
      planes.charge("link", () => {
        counts.hopsOut++;
        counts.messagesOut += batch.length;
        for (const message of batch) counts.bytesOut += payloadOf(message);
        counts.batchMax = Math.max(counts.batchMax, batch.length);
        port.postMessage(batch);
      });
    });
    return {
      send: (message) => outbox.send(message),
      sendNow: (message) => outbox.sendNow(message),
      async close() {
        if (!open) return;
        outbox.sendNow({ t: "shutdown" });
        open = false;
        let timer: NodeJS.Timeout | undefined;
        await Promise.race([life, new Promise((resolve) => (timer = setTimeout(resolve, closeMs)))]);
        clearTimeout(timer);
        port.close();
        await pool.destroy();
      },
    };
  };
  return Object.assign(open, { prepare: (shard: number): void => void (prepared.has(shard) || prepared.set(shard, start(shard))) });
}
