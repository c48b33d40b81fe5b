import { z } from "zod";
import type { Tool, ToolContext } from "../../contracts/tool.ts";
import { changeIntent, makeChange, type Planned, readForChange } from "../shared/change.ts";
import { optionalFlag, text } from "../shared/fields.ts";
import { replaceIn } from "../shared/replace.ts";
import type { Target } from "../shared/target.ts";
import { plural } from "../shared/text.ts";
import description from "./edit.md";

const input = z.object({
  file_path: text("The absolute path to the file to modify"),
  old_string: text("The text to replace"),
  new_string: text("The text to replace it with"),
  replace_all: optionalFlag("Replace all occurrences of old_string (default false)"),
});
type Call = z.output<typeof input>;

export const edit: Tool<typeof input> = {
  name: "edit",
  description,
  input,
  parallel: false,
  intent: (call, context) => changeIntent("Edit", call, context, (target) => plan(call, target, context)),
  run: (call, context) => makeChange(call, context, (target) => plan(call, target, context)),
};

async function plan(call: Call, target: Target, { files }: ToolContext): Promise<Planned> {
  if (call.old_string === "") {
    if ((await files.stat(target.real)) !== undefined)
      return `${target.path} exists already. To change it give old_string; to replace it wholly use write.`;
    return { before: undefined, after: call.new_string, text: `File created: ${target.path}` };
  }
  const read = await readForChange(files, target);
  if (typeof read === "string") return read;
  if (read.text === undefined) return `${target.path} does not exist. To create it leave old_string empty.`;
  const replaced = replaceIn(read.text, call);
  if ("error" in replaced) return `${target.path}: ${replaced.error}.`;
  const done = call.new_string === "" ? "Content deleted from" : "Content replaced in";
  const times = replaced.count > 1 ? ` (${plural(replaced.count, "place")})` : "";
  return {
    before: read.text,
    after: replaced.text,
    text: `${done} file: ${target.path}${times}${replaced.note === undefined ? "" : `\n${replaced.note}`}`,
  };
}
