// A session worker's thread. It only wires: the one task that it gets brings a port, and ends with the worker.
// workerData: WorkerSetup.
import path from "node:path";
import { type MessagePort, workerData } from "node:worker_threads";
import type { Log } from "../src/contracts/base.ts";
import type { AttachTask, ToWorker, WorkerSetup } from "../src/contracts/link.ts";
import { systemClock } from "../src/contracts/system-clock.ts";
import { WasmLayout } from "../src/kernels/layout.ts";
import { loadKernel } from "../src/kernels/load.ts";
import { kernelMode } from "../src/kernels/switch.ts";
import { openWireFormats } from "../src/providers/index.ts";
import { withAttachments } from "../src/session/completion/attached.ts";
import { handedOver } from "../src/session/handed-over.ts";
import { openSessionHost } from "../src/session/index.ts";
import { screenOpener } from "../src/session/screen/index.ts";
import type { OpenHostedScreen } from "../src/session/screens.ts";
import { attachmentsDirectory, readAttachment } from "../src/store/attachments.ts";
import { openView, useLayout } from "../src/ui/index.ts";

/** Worth a line each: mistakes of ours. The main thread passes a worker's stderr on to the server's log. */
const line = (level: string, message: string, fields: Record<string, unknown> = {}): void =>
  void process.stderr.write(`${JSON.stringify({ level, time: Date.now(), message, ...fields })}\n`);
const log: Log = {
  debug() {},
  info() {},
  warn: (message, fields) => line("warn", message, fields),
  error: (message, fields) => line("error", message, fields),
};
// A view that forgets to catch must not take the other sessions of this thread with it.
process.on("unhandledRejection", (reason) =>
  log.error("a promise of the session worker was rejected and nobody looked", {
    error: reason instanceof Error ? reason.stack : String(reason),
  }),
);

/** The same clock on every thread of the process, unlike performance.now(). */
function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1e6;
}

function openFirstScreen(kernels: string): OpenHostedScreen {
  if (kernelMode() === "plain") return screenOpener(undefined, openView);
  useLayout(new WasmLayout(loadKernel(kernels, "layout")));
  return screenOpener(loadKernel(kernels, "diff"), openView);
}

/** Wires that find the pictures of prompts in their directory. */
function withPictures(wireFor: ReturnType<typeof openWireFormats>, directory: string): typeof wireFor {
  return (provider, model) => {
    const wire = wireFor(provider, model);
    return wire && withAttachments(wire, (hash) => readAttachment(directory, hash));
  };
}

/** Settles when main has said `shutdown`. */
export default async ({ port }: AttachTask<MessagePort>): Promise<void> => {
  const setup = workerData as WorkerSetup;
  // The kernels are compiled for the first screen: a worker may never have one.
  let opener: OpenHostedScreen | undefined;
  const host = openSessionHost({
    setup,
    clock: systemClock,
    log,
    post: (batch) => {
      batch.push({ t: "posted", at: monotonicMs() });
      port.postMessage(batch, handedOver(batch));
    },
    // With the first prompt: a worker that only shows screens does without SQLite.
    openQueries: async () => (await import("../src/store/queries/queries.ts")).openQueries(setup.database),
    wireFor: withPictures(openWireFormats(setup.kernels), attachmentsDirectory(path.dirname(setup.database))),
    openScreen: (open, port) => {
      opener ??= openFirstScreen(setup.kernels);
      return opener(open, port);
    },
  });
  port.on("message", (batch: ToWorker[]) => host.receive(batch));
  // Main is gone, or has given this worker up.
  port.on("close", () => host.receive([{ t: "shutdown" }]));
  port.postMessage([{ t: "ready" }]);
  await host.closed;
  port.close();
};
