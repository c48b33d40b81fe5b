import { z } from "zod";
import type { Tool } from "../../contracts/tool.ts";
import { addressIntent, allowsPrivate } from "../shared/address.ts";
import { optionalInteger, text } from "../shared/fields.ts";
import { placed, resolveAgain, resolveTarget } from "../shared/target.ts";
import { failure } from "../shared/text.ts";
import description from "./download.md";

/** A larger file is refused: a disk is filled faster than anybody looks. */
const fileBytesMax = 1 << 30;
/** Seconds. */
const timeoutDefault = 300;
const timeoutMax = 600;

const input = z.object({
  url: text("The URL to download from"),
  file_path: text("The local file path where the downloaded content should be saved"),
  timeout: optionalInteger(`Optional timeout in seconds (max ${timeoutMax})`, { min: 1 }),
});

export const download: Tool<typeof input> = {
  name: "download",
  description,
  input,
  parallel: true,
  async intent(call, context) {
    const asked = await addressIntent("download", "Download", call, context);
    const target = await resolveTarget(context.files, call.file_path, call);
    const found = await context.files.stat(target.real);
    const intent = {
      ...asked,
      ...placed(target),
      title: `${asked.title} to ${target.label}${found === undefined ? "" : " (replaces what is there)"}`,
    };
    return found === undefined || found.kind === "file" || intent.refuse !== undefined
      ? intent
      : { ...intent, refuse: `${target.path} is not a file, so it cannot be written.` };
  },
  async run(call, { files, http, signal }) {
    const target = await resolveAgain(files, call.file_path, call);
    if (typeof target === "string") return failure(target);
    const timeoutMs = Math.min(call.timeout ?? timeoutDefault, timeoutMax) * 1_000;
    const got = await http.get({
      url: call.url,
      timeoutMs,
      bytesMax: fileBytesMax,
      signal,
      allowPrivate: allowsPrivate(call),
      toFile: target.real,
    });
    if (got.status !== 200) return failure(`${call.url} answered with status ${got.status}; nothing was saved.`, { status: got.status });
    if (got.truncated) return failure(`${call.url} is larger than ${fileBytesMax} bytes; nothing was saved.`);
    return {
      text: `Downloaded ${got.bytes} bytes to ${target.path}${got.contentType === "" ? "" : ` (${got.contentType})`}`,
      meta: { path: target.real, bytes: got.bytes },
    };
  },
};
