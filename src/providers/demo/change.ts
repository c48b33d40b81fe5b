// "Create notes.md with ...", "replace 'a' with 'b' in README.md": the calls that need a permission.
import type { Move, Situation } from "./chat.ts";
import { call, end, type Kind, last } from "./script.ts";
import { absolute, fileIn } from "./read.ts";
import { readFile } from "./results.ts";

const quoted = "(?:`([^`]*)`|\"([^\"]*)\"|'([^']*)'|(\\S+))";
const replace = new RegExp(`\\b(?:replace|change|rename)\\s+${quoted}\\s+(?:with|by|to|into)\\s+${quoted}\\s+in\\s+${quoted}`, "i");
const write = /\b(?:write|create|make|add|save)\b/i;

const pick = (match: RegExpExecArray, from: number): string => match.slice(from, from + 4).find((group) => group !== undefined) ?? "";

export const change: Kind = {
  name: "change",
  next(situation) {
    const match = replace.exec(situation.request);
    if (match) return edit(situation, pick(match, 1), pick(match, 5), pick(match, 9).replace(/[.,;!?]+$/, ""));
    if (!write.test(situation.request)) return undefined;
    const name = fileIn(situation.request);
    return name ? create(situation, name, contentOf(situation.request, name)) : undefined;
  },
};

function contentOf(request: string, name: string): string {
  const fenced = /```\w*\n([\s\S]*?)```/.exec(request)?.[1];
  if (fenced !== undefined) return fenced;
  const after = request.slice(request.indexOf(name) + name.length);
  const said = /(?:\b(?:with|containing|saying|that says)\b(?:\s+(?:the\s+)?(?:text|content|contents|line|words?))?|:)\s*:?\s*([\s\S]+)/i
    .exec(after)?.[1]
    ?.trim();
  const bare = said?.replace(/^(["'`])([\s\S]*)\1$/, "$2");
  return bare ? `${bare}\n` : `This file was written by the demo of Crush.\n`;
}

function create({ directory, steps }: Situation, name: string, content: string): Move {
  const path = absolute(name, directory);
  const written = last(steps, "write");
  if (!written) return call(`I write \`${name}\`; you will be asked.`, { tool: "write", input: { file_path: path, content } });
  if (/<result>|success/i.test(written.result)) return end(`Done: \`${name}\` has ${content.length} characters now.`);
  // A file that exists must have been read first; so it is, once.
  if (!last(steps, "view") && /read|view/i.test(written.result))
    return call("It exists, so I read it before I overwrite it.", { tool: "view", input: { file_path: path } });
  if (last(steps, "view") && steps.filter((step) => step.tool === "write").length < 2)
    return call("Now it can be written.", { tool: "write", input: { file_path: path, content } });
  return end(`\`${name}\` was not written. The tool said:\n\n> ${written.result.trim().split("\n")[0]}`);
}

function edit({ directory, steps }: Situation, before: string, after: string, name: string): Move {
  const path = absolute(name, directory);
  const viewed = last(steps, "view");
  if (!viewed)
    return call(`I read \`${name}\` first: an edit needs the exact text.`, { tool: "view", input: { file_path: path, limit: 2000 } });
  const file = readFile(viewed.result);
  if (!file) return end(`I could not read \`${name}\`. The tool said:\n\n> ${viewed.result.trim().split("\n")[0]}`);
  const edited = last(steps, "edit");
  if (!edited) {
    const count = file.lines.join("\n").split(before).length - 1;
    if (before === "" || count === 0)
      return end(`\`${before}\` is not in \`${name}\`${file.more ? " (as far as I read)" : ""}, so there is nothing to replace.`);
    return call(`It is there ${count === 1 ? "once" : `${count} times`}.`, {
      tool: "edit",
      input: { file_path: path, old_string: before, new_string: after, replace_all: true },
    });
  }
  if (/<result>/.test(edited.result)) return end(`Done: \`${before}\` is \`${after}\` in \`${name}\` now.`);
  return end(`\`${name}\` was not changed. The tool said:\n\n> ${edited.result.trim().split("\n")[0]}`);
}
