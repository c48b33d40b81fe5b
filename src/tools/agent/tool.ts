import { z } from "zod";
import type { Tool } from "../../contracts/tool.ts";
import { optionalText, text } from "../shared/fields.ts";
import { cut, failure, visible } from "../shared/text.ts";
import description from "./agent.md";

/** An answer is a report, not a copy of the files. */
const answerCharsMax = 64_000;

const input = z.object({
  prompt: text("The task, with all that the agent must know"),
  agent: optionalText("Name of a defined agent; the reading one when missing"),
});

export const agent: Tool<typeof input> = {
  name: "agent",
  description,
  input,
  parallel: true,
  intent: (call) => ({ action: "none", title: `Agent: ${visible(cut(call.prompt, 200))}` }),
  async run(call, { agents }) {
    if (agents === undefined) return failure("An agent cannot give work to another one. Do it yourself.");
    if (call.prompt.trim() === "") return failure("The prompt is empty.");
    const { text, ok, session, steps, cost } = await agents.run({ agent: call.agent ?? "task", prompt: call.prompt });
    const meta = { session, steps, cost };
    return ok ? { text: cut(text, answerCharsMax), meta } : failure(text, meta);
  },
};
