// What hooks mean for one call of a tool.
import type { HookConfig } from "../../contracts/config.ts";
import type { Spawn } from "../../contracts/tool.ts";
import type { ToolCallPart } from "../../protocol/index.ts";
import type { PolicyAnswer } from "../permissions/policy.ts";
import type { OpenSession } from "../registry/sessions.ts";
import type { CallOutcome } from "../turn/call.ts";
import { isObject } from "./output.ts";
import { type HookVerdict, runHooks } from "./run.ts";

/** The hooks of one call, and what they said once they ran. */
export class CallHooks {
  #verdict: HookVerdict | undefined;

  /**
   * Runs them. @returns why the call does not run, or the input that it runs with: the model's own or what hooks made of it
   * The calls of our own agents, which only read, are not hooked: the call that started one was.
   */
  async before(
    entry: OpenSession,
    part: ToolCallPart,
    input: unknown,
    { hooks, spawn, signal }: { hooks: readonly HookConfig[]; spawn: Spawn; signal: AbortSignal },
  ): Promise<{ blocked: CallOutcome } | { value: unknown }> {
    if (hooks.length === 0 || (entry.agent !== undefined && !entry.agent.profile.defined) || !isObject(input)) return { value: input };
    const { id, session } = entry;
    this.#verdict = await runHooks({ hooks, session: id, workspace: session.workspace, tool: part.name, input, spawn, signal });
    const verdict = this.#verdict;
    if (verdict === undefined || !(verdict.halt || verdict.decision === "deny")) return { value: verdict?.input ?? input };
    const why = verdict.reason === "" ? "it gave no reason" : verdict.reason;
    const text = `A hook ${verdict.halt ? "stopped the turn" : "blocked this call"}: ${why}`;
    // Blocked, the model may try something else; halted, the user takes over.
    return {
      blocked: {
        text,
        isError: true,
        meta: { denied: true },
        ...(verdict.halt && { ending: { status: "failed" as const, cause: "hook", reason: text } }),
      },
    };
  }

  /** A hook answers for the user, or has the user asked. What is never run it cannot allow. */
  judged(answer: PolicyAnswer): PolicyAnswer {
    const { decision, reason } = this.#verdict ?? {};
    if (decision === "allow" && answer.decision === "ask") return { decision: "allow" };
    if (decision === "ask" && answer.decision === "allow")
      return { decision: "ask", why: reason ? `a hook asks: ${reason}` : "a hook wants you to be asked" };
    return answer;
  }

  /** The arguments as they are going to be run: what a person is asked about. */
  input(part: ToolCallPart): string {
    return this.#verdict?.input === undefined ? part.input : JSON.stringify(this.#verdict.input);
  }

  /** The outcome with the hooks' notes for the model, and with what they did for whoever looks at it. */
  after(outcome: CallOutcome): CallOutcome {
    if (this.#verdict === undefined) return outcome;
    const { context, notes } = this.#verdict;
    return {
      ...outcome,
      text: [outcome.text, ...context].filter((text) => text !== "").join("\n\n"),
      ...(notes.length > 0 && { meta: { ...outcome.meta, hooks: notes } }),
    };
  }
}
