import { z } from "zod";
import type { Tool, ToolContext } from "../../contracts/tool.ts";
import { optionalInteger, text } from "../shared/fields.ts";
import { cut, failure } from "../shared/text.ts";
import { addressIntent, allowsPrivate } from "../shared/address.ts";
import description from "./fetch.md";
import { decodeBody } from "./decode.ts";

/** Of the answer to the model. */
const answerCharsMax = 100 << 10;
/** Of a page that is turned into text: markup is most of it. */
const pageBytesMax = 2 << 20;
/** Seconds. */
const timeoutDefault = 30;
const timeoutMax = 120;

const input = z.object({
  url: text("The URL to fetch content from"),
  format: z.enum(["text", "markdown", "html"]).describe("The format to return the content in (text, markdown, or html)"),
  timeout: optionalInteger(`Optional timeout in seconds (max ${timeoutMax})`, { min: 1 }),
});

export const fetch: Tool<typeof input> = {
  name: "fetch",
  description,
  input,
  parallel: true,
  intent: (call, context) => addressIntent("fetch", "Fetch", call, context),
  async run(call, context) {
    const { http, signal } = context;
    const timeoutMs = Math.min(call.timeout ?? timeoutDefault, timeoutMax) * 1_000;
    const page = await http.get({
      url: call.url,
      timeoutMs,
      bytesMax: pageBytesMax,
      signal,
      allowPrivate: allowsPrivate(call),
      headers: { accept: "text/html, text/*, application/json;q=0.9, */*;q=0.5" },
    });
    if (page.status !== 200) return failure(`${call.url} answered with status ${page.status}.`, { status: page.status });
    const body = decodeBody(page.body, page.contentType, page.truncated);
    if (body === undefined)
      return failure(
        `${call.url} is not text (${page.contentType || "no content type"}, ${page.bytes} bytes). Use download to save it to a file.`,
      );
    const content = await convert(body, page.contentType, call.format, context);
    const short = cut(content, answerCharsMax);
    const note = page.truncated
      ? `\n\n[Cut: only the first ${pageBytesMax} bytes of the page were read]`
      : short.length < content.length
        ? `\n\n[Cut: ${content.length - short.length} more characters]`
        : "";
    return {
      text: short.trim() === "" ? "The page has no text." : short + note,
      meta: { url: call.url, bytes: page.bytes, contentType: page.contentType },
    };
  },
};

async function convert(body: string, contentType: string, format: "text" | "markdown" | "html", { compute }: ToolContext): Promise<string> {
  const isHtml = /\bhtml\b/i.test(contentType) || (contentType === "" && /^\s*(<!doctype html|<html)/i.test(body));
  return !isHtml || format === "html" ? body : compute.htmlToText(body, format);
}
