import { z } from "zod";
import type { Tool } from "../../contracts/tool.ts";
import { optionalInteger, text } from "../shared/fields.ts";
import { cut, failure, visible } from "../shared/text.ts";
import { isBotCheck, readResults } from "./results.ts";
import description from "./web_search.md";

const engine = "https://lite.duckduckgo.com/lite/";
/** Crush's numbers. */
const resultsDefault = 10;
const resultsMax = 20;
const timeoutMs = 30_000;
const pageBytesMax = 1 << 20;
const titleCharsMax = 200;

const input = z.object({
  query: text("What to search for"),
  max_results: optionalInteger(`Results, ${resultsDefault} when missing, at most ${resultsMax}`, { min: 1 }),
});

export const webSearch: Tool<typeof input> = {
  name: "web_search",
  description,
  input,
  // One after the other: the engine takes several at once for a robot.
  parallel: false,
  offered: "fetch",
  intent: (call) => ({ action: "fetch", title: `Search the web: ${visible(cut(call.query, titleCharsMax))}`, url: engine }),
  async run({ query, max_results }, { http, signal }) {
    if (query.trim() === "") return failure("The query is empty.");
    const page = await http.get({
      url: `${engine}?q=${encodeURIComponent(query)}`,
      timeoutMs,
      bytesMax: pageBytesMax,
      signal,
      headers: { "user-agent": "Mozilla/5.0 (compatible; crush/1.0)", accept: "text/html" },
    });
    const html = new TextDecoder().decode(page.body);
    if (page.status === 202 || page.status === 429 || isBotCheck(html))
      return failure("The search engine is rate-limiting. Do not search again; go on with pages that you know.");
    if (page.status !== 200) return failure(`The search engine answered with status ${page.status}.`);
    const results = readResults(html, Math.min(max_results ?? resultsDefault, resultsMax));
    if (results.length === 0) return { text: "Nothing was found." };
    return { text: results.map(({ title, url, snippet }, at) => `${at + 1}. ${title}\n   ${url}\n   ${snippet}`).join("\n") };
  },
};
