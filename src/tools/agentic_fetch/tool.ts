import { z } from "zod";
import type { Tool } from "../../contracts/tool.ts";
import { addressIntent } from "../shared/address.ts";
import { optionalText, text } from "../shared/fields.ts";
import { cut, failure, visible } from "../shared/text.ts";
import description from "./agentic_fetch.md";

const titleCharsMax = 200;

const input = z.object({
  prompt: text("What to find out"),
  url: optionalText("The page to begin with; without it the web is searched"),
});

export const agenticFetch: Tool<typeof input> = {
  name: "agentic_fetch",
  description,
  input,
  parallel: true,
  intent: ({ url, prompt }, context) =>
    url === undefined
      ? { action: "fetch", title: `Search the web: ${visible(cut(prompt, titleCharsMax))}` }
      : addressIntent("fetch", "Read with an agent", { url }, context),
  async run({ url, prompt }, { agents }) {
    if (agents === undefined) return failure("An agent cannot give work to another one. Do it yourself.");
    if (prompt.trim() === "") return failure("The prompt is empty.");
    const task = url === undefined ? prompt : `${prompt}\n\nBegin with this page: ${url}`;
    const { text, ok, session, steps, cost } = await agents.run({ agent: "fetch", prompt: task });
    const meta = { session, steps, cost };
    return ok ? { text, meta } : failure(text, meta);
  },
};
