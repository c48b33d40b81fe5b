import type { MethodName, Params, Result } from "../../protocol/index.ts";
import type { Caller, Core } from "../core.ts";

export type CommandContext<M extends MethodName> = Caller & {
  /** Keeps the answer for the request's idempotency key; call it right beside the commit that the answer speaks of. */
  remember(result: Result<M>): void;
};

/** One method of the protocol. Throws CommandError for what the caller can mend. */
export type Command<M extends MethodName> = (core: Core, params: Params<M>, context: CommandContext<M>) => Promise<Result<M>> | Result<M>;
