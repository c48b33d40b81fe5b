import { exitCode, flag, helpText, type Parsed, parseCommandLine, UsageError } from "./args.ts";
import { tuiCommand } from "./commands/tui.ts";
import { forgetLauncher } from "./environment.ts";
import { plain } from "./plain.ts";

// Only the terminal's own path is in the main file; each other command is a chunk that is read when it is asked for.

async function dispatch(parsed: Parsed): Promise<number> {
  if (flag(parsed.values, "help")) {
    process.stdout.write(helpText(parsed.command));
    return exitCode.done;
  }
  if (flag(parsed.values, "version")) {
    process.stdout.write(`crush ${__VERSION__} (${__BUILD_ID__})\n`);
    return exitCode.done;
  }
  switch (parsed.command.name) {
    case "":
    case "attach":
      return await tuiCommand(parsed);
    case "run":
      return await (await import("./commands/run.ts")).runCommand(parsed);
    case "server":
      return await (await import("./commands/server.ts")).serverCommandLine(parsed);
    case "session":
      return await (await import("./commands/session.ts")).sessionCommand(parsed);
    case "undo":
    case "redo":
      return await (await import("./commands/undo.ts")).undoCommand(parsed, parsed.command.name);
    case "import":
      return await (await import("./commands/import.ts")).importCommand(parsed);
    case "models":
      return await (await import("./commands/models.ts")).modelsCommand(parsed);
    case "update-providers":
      return await (await import("./commands/update-providers.ts")).updateProvidersCommand(parsed);
    case "permission":
      return await (await import("./commands/permission.ts")).permissionCommand(parsed);
    case "config":
      return await (await import("./commands/config.ts")).configCommand(parsed);
    case "trust":
      return await (await import("./commands/trust.ts")).trustCommand(parsed);
    case "schema":
      return (await import("./commands/schema.ts")).schemaCommand();
    case "dirs":
      return (await import("./commands/dirs.ts")).dirsCommand(parsed);
    case "logs":
      return await (await import("./commands/logs.ts")).logsCommand(parsed);
    default:
      throw new UsageError(`there is no command "${parsed.command.name}"`);
  }
}

async function main(): Promise<void> {
  forgetLauncher();
  // A reader that leaves (`crush run | head`) is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(exitCode.done);
    throw error;
  });
  let code: number;
  try {
    code = await dispatch(parseCommandLine(process.argv.slice(2)));
  } catch (error) {
    code = error instanceof UsageError || (error as { code?: string }).code === "bad_request" ? exitCode.usage : exitCode.failed;
    process.stderr.write(`crush: ${plain((error as Error).message)}\n`);
    if (process.env.CRUSH_DEBUG) process.stderr.write(`${plain((error as Error).stack ?? "")}\n`);
  }
  process.exitCode = code;
  // Sockets close by themselves; what still waits then is not worth waiting for.
  setTimeout(() => process.exit(code), 200).unref();
}

void main();
