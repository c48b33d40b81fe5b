import type { UserRequest } from "../../contracts/tool.ts";
import type { Permission } from "../../protocol/index.ts";
import { sessionUpdate } from "../registry/update.ts";
import type { Call, CallParts } from "./call.ts";

const why: { readonly [A in UserRequest["action"]]: string } = { question: "The agent asks", plan: "The agent has a plan" };

/** Puts a tool's own request to the user: a durable object like a permission, one at a time in a session. */
export function askUser({ entry, turn, part, signal }: Call, request: UserRequest, { desk, hub, options }: CallParts): Promise<Permission> {
  return desk.serially(entry, async () => {
    signal.throwIfAborted();
    const answer = await desk.ask({
      entry,
      turn,
      call: part.call,
      tool: part.name,
      intent: { action: request.action, title: request.title },
      input: part.input,
      why: why[request.action],
      ...(request.action === "question" && { questions: request.questions }),
    });
    // On disk before the model hears of it: after a crash the session is not in plan mode with a plan that was approved.
    if (request.action === "plan" && answer.state === "allowed")
      await hub.commit(entry.id, [sessionUpdate(entry, { plan: false }, options.clock)]);
    return answer;
  });
}
