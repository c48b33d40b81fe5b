import type { Core } from "../core.ts";
import { textsOf } from "../turn/messages.ts";

/** The words of the prompt that began a turn, to be sent again differently. A turn that went on with another one's has none. */
export function promptOf(core: Core, message: string, turn: string): { prompt?: string } {
  const found = core.options.queries.message(message);
  if (found === undefined || found.role !== "user" || found.turn !== turn) return {};
  const prompt = textsOf(found).join("\n");
  return prompt === "" ? {} : { prompt };
}
