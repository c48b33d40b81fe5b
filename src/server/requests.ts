import { randomUUID } from "node:crypto";
import type { Log } from "../contracts/base.ts";
import type { PeerPort } from "../contracts/coordinator.ts";
import {
  CommandError,
  covers,
  idCharsMax,
  type MethodName,
  methodScope,
  mutating,
  type Params,
  type ProtocolError,
  type Scope,
} from "../protocol/index.ts";
import type { checkParams } from "../protocol/schema/params.ts";

// zod takes some 50 ms to load. It is loaded behind the first `listen()`, beside whatever else starts, never before it.
let loading: Promise<void> | undefined;
let check: typeof checkParams | undefined;

/** Starts loading the schemas; requests that come before they are there wait, in order. */
export function loadSchemas(): Promise<void> {
  loading ??= import("../protocol/schema/params.ts").then((module) => {
    check = module.checkParams;
  });
  return loading;
}

/** Params that decide permissions in advance need the scope that deciding them needs. */
function scopeOf(method: MethodName, params: Record<string, unknown>): Scope {
  const usual = methodScope[method];
  const options = params.options as { allow?: unknown[] } | undefined;
  const decides = params.yolo === true || (options?.allow?.length ?? 0) > 0;
  return decides && !covers(usual, "approve") ? "approve" : usual;
}

export const isMethod = (method: string): method is MethodName => Object.hasOwn(methodScope, method);

/**
 * Checks and runs one request.
 * @throws CommandError for every mistake of the caller
 */
export async function run(port: PeerPort, scope: Scope, frame: { method: string; params?: unknown; key?: unknown }): Promise<unknown> {
  const { method, key } = frame;
  if (!isMethod(method))
    throw new CommandError("unknown_method", `unknown method "${method.slice(0, 64)}": ${suggest(method)}`, {
      data: { methods: Object.keys(methodScope) },
    });
  if (key !== undefined && (typeof key !== "string" || key.length === 0 || key.length > idCharsMax))
    throw new CommandError("bad_request", `key must be a string of 1 to ${idCharsMax} characters`, { data: { path: "key" } });
  if (!check) await loadSchemas();
  const checked = check!(method, frame.params ?? {});
  if (!checked.ok)
    throw new CommandError("bad_request", `${method}: ${checked.path}: ${checked.message}`, { data: { path: checked.path } });
  const needed = scopeOf(method, checked.params as Record<string, unknown>);
  if (!covers(scope, needed))
    throw new CommandError("forbidden", `${method} with these params needs a token of scope "${needed}", this one has "${scope}"`, {
      data: { needed, scope },
    });
  return port.request(method, checked.params as Params<typeof method>, typeof key === "string" && mutating.has(method) ? key : undefined);
}

/** The methods that share most with what was asked for. */
function suggest(method: string): string {
  const wanted = method.toLowerCase();
  const near = Object.keys(methodScope).filter((known) => {
    const [noun = "", verb = ""] = known.toLowerCase().split(".");
    return wanted === `${noun}${verb}` || wanted.endsWith(verb) || wanted.startsWith(`${noun}.`);
  });
  return near.length > 0 ? `did you mean ${near.slice(0, 6).join(", ")}?` : "data.methods lists those that exist";
}

/** What a client is told. A failure that is no CommandError is a bug of ours: its text stays in the log, under the `ref` that is sent. */
export function toProtocolError(error: unknown, method: string, log: Log | undefined): ProtocolError {
  if (error instanceof CommandError) {
    const { code, message, retryable, data } = error;
    return { code, message, retryable, ...(data ? { data } : {}) };
  }
  const ref = randomUUID();
  log?.error("request failed", {
    ref,
    method: method.slice(0, 64),
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  return {
    code: "internal",
    message: `an internal error in ${method.slice(0, 64)}; the server's log has it as ${ref}`,
    retryable: false,
    data: { ref },
  };
}
