import { z } from "zod";
import type { Tool } from "../../contracts/tool.ts";
import { optionalInteger, text } from "../shared/fields.ts";
import { cut, failure, visible } from "../shared/text.ts";
import description from "./sourcegraph.md";

const address = "https://sourcegraph.com/.api/graphql?Search";
/** Crush's numbers. Times in seconds. */
const countDefault = 10;
const countMax = 20;
const contextDefault = 10;
const contextMax = 50;
const timeoutDefault = 30;
const timeoutMax = 120;
/** Whole files come with the matches. */
const answerBytesMax = 20 << 20;
const titleCharsMax = 200;

const input = z.object({
  query: text("The Sourcegraph query"),
  count: optionalInteger(`Files, ${countDefault} when missing, at most ${countMax}`, { min: 1 }),
  context_window: optionalInteger(`Lines around each match, ${contextDefault} when missing`, { min: 0 }),
  timeout: optionalInteger(`Optional timeout in seconds (max ${timeoutMax})`, { min: 1 }),
});

export const sourcegraph: Tool<typeof input> = {
  name: "sourcegraph",
  description,
  input,
  parallel: true,
  intent: (call) => ({ action: "none", title: `Search public code: ${visible(cut(call.query, titleCharsMax))}` }),
  async run(call, { http, signal }) {
    if (call.query.trim() === "") return failure("The query is empty.");
    // Its schemas are of no use at the start of a server.
    const { graphql, readAnswer } = await import("./answer.ts");
    const count = Math.min(call.count ?? countDefault, countMax);
    const answer = await http.get({
      url: address,
      body: JSON.stringify({ query: graphql, variables: { query: `${call.query} count:${count}` } }),
      timeoutMs: Math.min(call.timeout ?? timeoutDefault, timeoutMax) * 1_000,
      bytesMax: answerBytesMax,
      signal,
      headers: { "content-type": "application/json", accept: "application/json" },
    });
    if (answer.status !== 200) return failure(`Sourcegraph answered with status ${answer.status}.`, { status: answer.status });
    if (answer.truncated) return failure(`The answer is larger than ${answerBytesMax >> 20} MiB. Ask for fewer files with count.`);
    try {
      const { text, isError } = readAnswer(new TextDecoder().decode(answer.body), {
        count,
        context: Math.min(call.context_window ?? contextDefault, contextMax),
      });
      return { text, isError };
    } catch {
      return failure("What Sourcegraph answered could not be read.");
    }
  },
};
