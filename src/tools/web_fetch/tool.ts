import { createHash } from "node:crypto";
import path from "node:path";
import { z } from "zod";
import type { Tool } from "../../contracts/tool.ts";
import { decodeBody } from "../fetch/decode.ts";
import { addressIntent } from "../shared/address.ts";
import { text } from "../shared/fields.ts";
import { cut, failure } from "../shared/text.ts";
import description from "./web_fetch.md";

/** Crush's numbers. */
const pageBytesMax = 5 << 20;
const answerCharsMax = 50_000;
const timeoutMs = 30_000;
/** What of a saved page is shown at once. */
const headChars = 2_000;
/** Some sites answer programs with nothing. */
const userAgent = "Mozilla/5.0 (compatible; crush/1.0)";

const input = z.object({ url: text("The page to read") });

export const webFetch: Tool<typeof input> = {
  name: "web_fetch",
  description,
  input,
  parallel: true,
  offered: "fetch",
  intent: (call, context) => addressIntent("fetch", "Fetch", call, context),
  async run({ url }, { http, signal, compute, files }) {
    const headers = { "user-agent": userAgent, accept: "text/html, text/*, application/json;q=0.9, */*;q=0.5" };
    // Never to a private network: what the user agreed to is the web.
    const page = await http.get({ url, timeoutMs, bytesMax: pageBytesMax, signal, headers });
    if (page.status !== 200) return failure(`${url} answered with status ${page.status}.`, { status: page.status });
    const body = decodeBody(page.body, page.contentType, page.truncated);
    if (body === undefined) return failure(`${url} is not text (${page.contentType || "no content type"}).`);
    const content = await readable(body, page.contentType, (html) => compute.htmlToText(html, "markdown"));
    if (content.trim() === "") return { text: "The page has no text." };
    if (content.length <= answerCharsMax) return { text: content, meta: { url } };
    const name = `page-${createHash("sha256").update(url).digest("hex").slice(0, 12)}.md`;
    await files.write(path.join(files.workspace, name), content);
    return {
      text: `The page is long (${content.length} characters) and was saved to ${name}. It begins:\n\n${cut(content, headChars)}`,
      meta: { url, path: name },
    };
  },
};

async function readable(body: string, contentType: string, markdown: (html: string) => Promise<string>): Promise<string> {
  if (/\bjson\b/i.test(contentType)) {
    try {
      return JSON.stringify(JSON.parse(body), undefined, 2);
    } catch {
      return body;
    }
  }
  const isHtml = /\bhtml\b/i.test(contentType) || /^\s*(<!doctype html|<html)/i.test(body);
  return isHtml ? markdown(body.replace(/<(script|style|nav|header|footer|aside|noscript|iframe|svg)\b[\s\S]*?<\/\1\s*>/gi, "")) : body;
}
