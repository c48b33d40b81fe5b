// "Give me an overview of this project": lists the directory, reads its README and manifest, says what it found.
import { readFile, readTree } from "./results.ts";
import { call, end, type Kind } from "./script.ts";

const manifests = [
  "package.json",
  "pyproject.toml",
  "Cargo.toml",
  "go.mod",
  "pom.xml",
  "build.gradle",
  "Gemfile",
  "composer.json",
  "Makefile",
];
const languages: Record<string, string> = {
  ts: "TypeScript",
  tsx: "TypeScript",
  js: "JavaScript",
  mjs: "JavaScript",
  jsx: "JavaScript",
  py: "Python",
  go: "Go",
  rs: "Rust",
  java: "Java",
  rb: "Ruby",
  c: "C",
  h: "C",
  cpp: "C++",
  cs: "C#",
  php: "PHP",
  swift: "Swift",
  kt: "Kotlin",
  sh: "shell",
  md: "Markdown",
  json: "JSON",
  yml: "YAML",
  yaml: "YAML",
  html: "HTML",
  css: "CSS",
  sql: "SQL",
};

export const languageOf = (path: string): string | undefined => languages[/\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? ""];

const wanted =
  /\boverview\b|\blist\b|\bls\b|\bstructure\b|\bproject\b|\brepo(sitory)?\b|\bcode ?base\b|\bfiles?\b|\bdirector(y|ies)\b|\bfolder\b|\blook around\b|\bwhat('| i)s (here|this|in here)\b/i;

export const overview: Kind = {
  name: "overview",
  next({ request, directory, steps }) {
    if (!wanted.test(request)) return undefined;
    const listing = steps.find((step) => step.tool === "ls");
    if (!listing) return call("I look at the directory first.", { tool: "ls", input: { path: directory, depth: 3 } });
    const entries = readTree(listing.result);
    if (entries.length === 0)
      return end(`\`${directory}\` looks empty, or could not be listed:\n\n\`\`\`\n${listing.result.trim().slice(0, 500)}\n\`\`\``);
    const top = entries.filter((entry) => entry.depth === 0);
    const read = steps.filter((step) => step.tool === "view");
    if (read.length === 0) {
      const files = top
        .filter((entry) => !entry.directory && (/^readme(\.\w+)?$/i.test(entry.path) || manifests.includes(entry.path)))
        .slice(0, 3);
      if (files.length > 0)
        return call(
          `${top.length} things at the top. Now the ones that usually say most.`,
          ...files.map(({ path }) => ({ tool: "view", input: { file_path: `${directory}/${path}`, limit: 80 } })),
        );
    }
    const counts = new Map<string, number>();
    for (const { path, directory } of entries) {
      const language = directory ? undefined : languageOf(path);
      if (language) counts.set(language, (counts.get(language) ?? 0) + 1);
    }
    const kinds = [...counts]
      .sort((a, b) => b[1] - a[1])
      .slice(0, 5)
      .map(([language, count]) => `${language} (${count})`);
    const folders = top.filter((entry) => entry.directory).map(({ path }) => `\`${path}/\``);
    const files = top.filter((entry) => !entry.directory).map(({ path }) => `\`${path}\``);
    const lines = [`## ${directory.split("/").at(-1) || directory}`, ""];
    for (const step of read) lines.push(...describe(String(step.input.file_path), readFile(step.result)?.lines));
    lines.push(`- ${entries.length} entries in the first three levels${kinds.length > 0 ? `, mostly ${kinds.join(", ")}` : ""}`);
    if (folders.length > 0) lines.push(`- Directories: ${folders.slice(0, 15).join(", ")}`);
    if (files.length > 0) lines.push(`- Files: ${files.slice(0, 15).join(", ")}`);
    return end(lines.join("\n"));
  },
};

function describe(path: string, lines: string[] | undefined): string[] {
  if (!lines) return [];
  const name = path.split("/").at(-1)!;
  if (name === "package.json") {
    try {
      const json = JSON.parse(lines.join("\n")) as { name?: string; description?: string; scripts?: Record<string, string> };
      const scripts = Object.keys(json.scripts ?? {});
      return [
        `- \`package.json\`: a Node package named **${json.name ?? "?"}**${json.description ? `, "${json.description}"` : ""}${scripts.length > 0 ? `; scripts: ${scripts.map((script) => `\`${script}\``).join(", ")}` : ""}`,
      ];
    } catch {
      return ["- `package.json`: a Node package"];
    }
  }
  if (/^readme/i.test(name)) {
    const title = lines.find((line) => /^#\s/.test(line))?.replace(/^#\s+/, "");
    const first = lines.find((line) => /^[A-Za-z*_`].{20,}/.test(line));
    return [`- \`${name}\`${title ? `: **${title}**` : ""}${first ? `\n  > ${first.slice(0, 200)}` : ""}`];
  }
  return [`- \`${name}\` is there: ${lines.filter((line) => line.trim() !== "").length}+ lines`];
}
