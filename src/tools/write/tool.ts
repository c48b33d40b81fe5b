import { z } from "zod";
import type { Tool, ToolContext } from "../../contracts/tool.ts";
import { changeIntent, makeChange, type Planned, readForChange } from "../shared/change.ts";
import { text } from "../shared/fields.ts";
import type { Target } from "../shared/target.ts";
import description from "./write.md";

const input = z.object({
  file_path: text("The path to the file to write"),
  content: text("The content to write to the file"),
});
type Call = z.output<typeof input>;

export const write: Tool<typeof input> = {
  name: "write",
  description,
  input,
  parallel: false,
  intent: (call, context) => changeIntent("Overwrite", call, context, (target) => plan(call, target, context)),
  run: (call, context) => makeChange(call, context, (target) => plan(call, target, context)),
};

async function plan(call: Call, target: Target, { files }: ToolContext): Promise<Planned> {
  if (call.file_path.trim() === "") return "file_path is empty.";
  const read = await readForChange(files, target);
  if (typeof read === "string") return read;
  if (read.text === call.content) return `${target.path} already has exactly this content; nothing was written.`;
  return { before: read.text, after: call.content, text: `File successfully written: ${target.path}` };
}
