import path from "node:path";
import { z } from "zod";
import type { Tool, ToolContext } from "../../contracts/tool.ts";
import { optionalInteger, text } from "../shared/fields.ts";
import { placed, resolveAgain, resolveTarget } from "../shared/target.ts";
import { failure, visible } from "../shared/text.ts";
import description from "./view.md";

const linesDefault = 200;
/** A longer line is cut: minified code would fill the context with one line. */
const lineBytesMax = 2_000;
/** Of one answer. */
const answerBytesMax = 200 << 10;
const similarMax = 3;
const imageEnding = /\.(png|jpe?g|gif|webp|bmp|tiff?|ico|avif|heic)$/i;

const input = z.object({
  file_path: text("The path to the file to read"),
  offset: optionalInteger("The line number to start reading from (0-based)", { min: 0 }),
  limit: optionalInteger("The number of lines to read (defaults to 200)", { min: 1 }),
});

export const view: Tool<typeof input> = {
  name: "view",
  description,
  input,
  parallel: false,
  async intent(call, { files }) {
    const target = await resolveTarget(files, call.file_path, call);
    return { action: target.inside ? "none" : "read", title: `Read ${target.label}`, ...placed(target) };
  },
  async run(call, context) {
    const { files, signal } = context;
    const target = await resolveAgain(files, call.file_path, call);
    if (typeof target === "string") return failure(target);
    const found = await files.stat(target.real);
    if (found === undefined) return failure(await missing(target.path, context));
    if (found.kind === "directory") return failure(`${target.path} is a directory. Use ls to see what is in it.`);
    if (found.kind !== "file") return failure(`${target.path} is not a regular file and cannot be read.`);

    const offset = call.offset ?? 0;
    const range = { from: offset + 1, count: call.limit ?? linesDefault, lineBytesMax, bytesMax: answerBytesMax - lineBytesMax, signal };
    const read = await files.readLines(target.real, range);
    if (read.binary) {
      if (imageEnding.test(target.real))
        return failure(`${target.path} is an image (${found.bytes} bytes). Images cannot be shown to the model yet.`);
      return failure(`${target.path} is not UTF-8 text (${found.bytes} bytes). Look at it with a program through bash, e.g. file or xxd.`);
    }
    files.recordRead(target.real);
    if (read.lines.length === 0 && offset > 0)
      return failure(`${target.path} has only ${read.total ?? 0} lines; offset ${offset} is past its end.`);
    const numbered = read.lines.map((line, index) => `${String(offset + index + 1).padStart(6)}|${line}`).join("\n");
    const next = offset + read.lines.length;
    const note = read.more
      ? `\n\n(The file has more lines. Continue with offset ${next}.)`
      : read.lines.length === 0
        ? "(The file is empty.)"
        : "";
    return { text: `<file>\n${numbered}${note}\n</file>\n`, meta: { path: target.real, offset, lines: read.lines.length } };
  },
};

/** Names in the directory that are near to what was asked for. */
async function missing(file: string, { files }: ToolContext): Promise<string> {
  const directory = path.dirname(file);
  const wanted = path.basename(file).toLowerCase();
  const stem = wanted.replace(/\.[^.]*$/, "");
  const entries = await files.list(directory).catch(() => undefined);
  if (entries === undefined) return `${file} does not exist, and neither does its directory ${directory}.`;
  const similar = entries
    .map((entry) => entry.name)
    .filter((name) => {
      const other = name.toLowerCase();
      return other.includes(wanted) || wanted.includes(other) || (stem.length > 2 && other.includes(stem));
    })
    .slice(0, similarMax)
    .map((name) => visible(path.join(directory, name)));
  return similar.length === 0 ? `${file} does not exist.` : `${file} does not exist. Did you mean one of these?\n${similar.join("\n")}`;
}
