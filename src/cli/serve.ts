// The server's process. Its threads start first; what the main thread itself needs is read meanwhile.
import { AlreadyRunning } from "./serve/already-running.ts";
import { serveArguments } from "./serve/arguments.ts";
import { startThreads } from "./serve/threads.ts";

async function main(): Promise<void> {
  const args = serveArguments(process.argv.slice(2));
  const threads = startThreads(args.dataDir);
  const { serve } = await import("./serve/main.ts");
  await serve(args, threads);
}

main().catch((error: unknown) => {
  process.stderr.write(`crush server: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof AlreadyRunning ? 75 : 1);
});
