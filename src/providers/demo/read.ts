// "Explain src/index.ts": reads one file, looking for it by name when the path is not right, and says what is in it.
import { call, end, type Kind, last } from "./script.ts";
import { languageOf } from "./overview.ts";
import { readFile, readPaths, short } from "./results.ts";

const verbs = /\b(read|show|open|explain|view|describe|look at|see|cat|print|what does|what is in|what's in|summari[sz]e)\b/i;
/** A word that looks like a file: with a dot inside or a slash; or one of the well-known names. */
const fileWord =
  /`([^`\s]+)`|"([^"\s]+)"|'([^'\s]+)'|@?((?:[\w@.-]+\/)*[\w@-][\w@.-]*\.\w{1,8}\b|(?:[\w@.-]+\/)+[\w@.-]+|\b(?:README|LICENSE|Makefile|Dockerfile|Gemfile)\b)/i;

export const fileIn = (text: string): string | undefined => {
  const match = fileWord.exec(text.replace(/https?:\/\/\S+/g, ""));
  return match ? (match[1] ?? match[2] ?? match[3] ?? match[4]) : undefined;
};
export const absolute = (path: string, directory: string): string =>
  path.startsWith("/") || /^[A-Za-z]:[\\/]/.test(path) ? path : `${directory}/${path}`;

export const readOne: Kind = {
  name: "read",
  next({ request, directory, steps }) {
    const name = fileIn(request);
    if (!name || !verbs.test(request)) return undefined;
    const viewed = last(steps, "view");
    if (!viewed) return call(`I read \`${name}\`.`, { tool: "view", input: { file_path: absolute(name, directory), limit: 400 } });
    const file = readFile(viewed.result);
    if (file) return end(explain(short(String(viewed.input.file_path), directory), file));
    const search = last(steps, "glob");
    if (!search)
      return call("It is not there. I look for a file of that name elsewhere.", {
        tool: "glob",
        input: { pattern: `**/${name.split("/").at(-1)}*` },
      });
    const found = readPaths(search.result)[0];
    if (found && viewed.input.file_path !== absolute(found, directory) && steps.filter((step) => step.tool === "view").length < 2) {
      return call(`There is \`${short(found, directory)}\`.`, {
        tool: "view",
        input: { file_path: absolute(found, directory), limit: 400 },
      });
    }
    return end(`I could not read \`${name}\`. The tool said:\n\n> ${viewed.result.trim().split("\n")[0]}`);
  },
};

const declaration =
  /^\s*(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:pub\s+)?(function|class|interface|type|def|func|fn|struct|enum|trait|impl|const)\s+\*?([A-Za-z_][\w.]*)/;

function explain(path: string, { lines, more }: { lines: string[]; more: boolean }): string {
  const language = languageOf(path);
  const out = [`**\`${path}\`**: ${lines.length}${more ? "+" : ""} lines${language ? ` of ${language}` : ""}.`, ""];
  const headings = lines.filter((line) => /^#{1,3}\s/.test(line));
  if (language === "Markdown" && headings.length > 0)
    out.push(
      "Its sections:",
      "",
      ...headings.slice(0, 20).map((line) => `${"  ".repeat(line.indexOf(" ") - 1)}- ${line.replace(/^#+\s+/, "")}`),
      "",
    );
  else {
    const comment = lines
      .slice(0, 12)
      .filter((line) => /^\s*(\/\/|#(?!!)|\*|\/\*\*?)\s*\S/.test(line))
      .map((line) => line.replace(/^\s*(\/\/|#|\*|\/\*\*?)\s*/, ""))
      .slice(0, 4);
    if (comment.length > 0) out.push(`It says of itself: *${comment.join(" ").slice(0, 300)}*`, "");
    const declared = lines.flatMap((line) => {
      const match = /^(\t| {4,})/.test(line) ? undefined : declaration.exec(line);
      return match ? [`\`${match[2]}\` (${match[1]})`] : [];
    });
    const imports = lines.filter((line) => /^\s*(import\b|from \S+ import|use \w|#include|const .* = require\()/.test(line)).length;
    if (imports > 0) out.push(`- ${imports} imports`);
    if (declared.length > 0)
      out.push(`- It declares ${declared.slice(0, 12).join(", ")}${declared.length > 12 ? ` and ${declared.length - 12} more` : ""}`);
    if (imports > 0 || declared.length > 0) out.push("");
  }
  const fence = "```";
  out.push(
    "It begins with:",
    "",
    `${fence}${/\.(\w+)$/.exec(path)?.[1] ?? ""}`,
    ...lines.slice(0, 12).map((line) => line.replaceAll(fence, "'''")),
    fence,
  );
  return out.join("\n");
}
