import { randomUUID } from "node:crypto";
import {
  CommandError,
  covers,
  idCharsMax,
  type MethodName,
  methodScope,
  mutating,
  type Params,
  type Result,
} from "../../protocol/index.ts";
import type { Caller, Core } from "../core.ts";
import type { Command, CommandContext } from "./command.ts";
import { commands } from "./index.ts";

/** Codes of the store, as a caller is told. */
const storeCodes: Record<string, "busy" | "storage_full" | "shutting_down"> = {
  busy: "busy",
  full: "storage_full",
  closed: "shutting_down",
};

/** Runs one request. @throws CommandError, and nothing else */
export async function runCommand<M extends MethodName>(
  core: Core,
  caller: Caller,
  method: M,
  params: Params<M>,
  key?: string,
): Promise<Result<M>> {
  try {
    if (!Object.hasOwn(commands, method)) throw new CommandError("unknown_method", `There is no method "${method}"`);
    const command = commands[method] as Command<M>;
    const needed = methodScope[method];
    if (!covers(caller.scope, needed))
      throw new CommandError("forbidden", `${method} needs a token of scope "${needed}"; this one has "${caller.scope}"`);
    const run = async (remember: (result: Result<M>) => void): Promise<Result<M>> =>
      command(core, params, { ...caller, remember } satisfies CommandContext<M>);
    if (key === undefined || !mutating.has(method)) return await run(() => {});
    if (key.length > idCharsMax) throw new CommandError("bad_request", `An idempotency key has at most ${idCharsMax} characters`);
    return (await core.idempotency.once(key, method, run as (remember: (result: unknown) => void) => Promise<unknown>)) as Result<M>;
  } catch (error) {
    throw asCommandError(core, method, error);
  }
}

function asCommandError(core: Core, method: string, error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  const code = (error as { code?: unknown }).code;
  const known = typeof code === "string" ? storeCodes[code] : undefined;
  if (known !== undefined) return new CommandError(known, (error as Error).message, { cause: error });
  // The user's own file is at fault: the message has its name and line.
  if (error instanceof Error && error.name === "ConfigError") return new CommandError("bad_request", error.message, { cause: error });
  const ref = randomUUID();
  core.options.log.error("command failed", { method, ref, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  return new CommandError("internal", `${method} failed by a fault of the server; its log has more under ${ref}`, {
    cause: error,
    data: { ref },
  });
}
