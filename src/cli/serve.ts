// The server's process. Its threads start first; what the main thread itself needs is read meanwhile.
import { setFlagsFromString } from "node:v8";
import { AlreadyRunning } from "./serve/already-running.ts";
import { serveArguments } from "./serve/arguments.ts";
import { startThreads } from "./serve/threads.ts";

/**
 * V8 compiles a function that ran 400 times on a thread of its own, and again, better, after 3,000. A server that streams a few
 * answers spends a sixth of its CPU on code that it then hardly uses, so a function must run longer first. Hot loops are found as
 * before (on-stack replacement), kernels are no JavaScript, and a V8 that does not know a flag goes on without it. Not before
 * everything has started: compiled code is kept for the flags that it was made with, and threads that began with others took 30 ms more.
 */
function compileLater(): void {
  for (const flag of ["--invocation-count-for-maglev=2000", "--invocation-count-for-turbofan=12000"]) setFlagsFromString(flag);
}

async function main(): Promise<void> {
  const args = serveArguments(process.argv.slice(2));
  const threads = startThreads(args.dataDir);
  const { serve } = await import("./serve/main.ts");
  await serve(args, threads);
  compileLater();
}

main().catch((error: unknown) => {
  process.stderr.write(`crush server: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof AlreadyRunning ? 75 : 1);
});
