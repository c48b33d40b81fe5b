import { z } from "zod";
import type { Tool, ToolContext } from "../../contracts/tool.ts";
import { changeIntent, makeChange, type Planned, readForChange } from "../shared/change.ts";
import { list, optionalFlag, text } from "../shared/fields.ts";
import { replaceIn } from "../shared/replace.ts";
import type { Target } from "../shared/target.ts";
import { cut, visible } from "../shared/text.ts";
import description from "./multiedit.md";

/** Of a failed edit's old_string, to tell which one is meant. */
const quotedMax = 60;

const edit = z.object({
  old_string: text("The text to replace"),
  new_string: text("The text to replace it with"),
  replace_all: optionalFlag("Replace all occurrences of old_string (default false)."),
});
const input = z.object({
  file_path: text("The absolute path to the file to modify"),
  edits: list(edit, "Array of edit operations to perform sequentially on the file"),
});
type Call = z.output<typeof input>;
type Failed = { index: number; error: string; edit: Call["edits"][number] };

export const multiedit: Tool<typeof input> = {
  name: "multiedit",
  description,
  input,
  parallel: false,
  intent: (call, context) => changeIntent("Edit", call, context, (target) => plan(call, target, context)),
  run: (call, context) => makeChange(call, context, (target) => plan(call, target, context)),
};

/** In order, each on what the ones before it left. One that fails changes nothing and the others go on; the answer names it. */
async function plan(call: Call, target: Target, { files }: ToolContext): Promise<Planned> {
  const total = call.edits.length;
  if (total === 0) return "edits is empty: give at least one edit.";
  const creates = call.edits[0]!.old_string === "";
  let before: string | undefined;
  if (creates) {
    if ((await files.stat(target.real)) !== undefined)
      return `${target.path} exists already, so its first edit cannot create it. Give old_string, or use write to replace the file.`;
  } else {
    const read = await readForChange(files, target);
    if (typeof read === "string") return read;
    if (read.text === undefined) return `${target.path} does not exist. To create it leave old_string of the first edit empty.`;
    before = read.text;
  }
  let now = creates ? call.edits[0]!.new_string : before!;
  const failed: Failed[] = [];
  const notes: string[] = [];
  for (const [index, one] of call.edits.entries()) {
    if (creates && index === 0) continue;
    const replaced = one.old_string === "" ? { error: "old_string is empty: only the first edit may create a file" } : replaceIn(now, one);
    if ("error" in replaced) failed.push({ index: index + 1, error: replaced.error, edit: one });
    else {
      now = replaced.text;
      if (replaced.note !== undefined) notes.push(`Edit ${index + 1}: ${replaced.note}`);
    }
  }
  const reasons = failed.map(
    ({ index, error, edit: one }) =>
      `Edit ${index} of ${total} (${JSON.stringify(visible(cut(one.old_string, quotedMax)))}) failed: ${error}.`,
  );
  const applied = total - failed.length;
  if (applied === 0) return `None of the ${total} edits of ${target.path} could be applied, the file is unchanged.\n${reasons.join("\n")}`;
  if (now === before) return `The edits of ${target.path} cancel each other out: the file would not change.`;
  const heading =
    failed.length === 0
      ? `Applied ${total} edits to file: ${target.path}`
      : `Applied ${applied} of ${total} edits to file: ${target.path}. The others changed nothing:`;
  return {
    before,
    after: now,
    text: [heading, ...reasons, ...notes].join("\n"),
    meta: { edits_applied: applied, ...(failed.length > 0 && { edits_failed: failed }) },
  };
}
