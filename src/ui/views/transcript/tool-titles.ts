// What a tool call is about, in one line: one row for each tool of ours, and a rule for those of others (MCP).

import { PlainPartial } from "../../../kernels/reference/partial.ts";

type Input = Record<string, unknown>;
const text = (value: unknown): string =>
  typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value);
const join = (...parts: string[]): string => parts.filter((part) => part !== "").join(" ");

type Title = { label: string; argument: (input: Input) => string };

const titles: { readonly [tool: string]: Title } = {
  view: { label: "View", argument: (i) => join(text(i["file_path"]), i["offset"] ? `from line ${text(i["offset"])}` : "") },
  ls: { label: "List", argument: (i) => text(i["path"]) || "." },
  glob: { label: "Glob", argument: (i) => join(text(i["pattern"]), i["path"] ? `in ${text(i["path"])}` : "") },
  grep: {
    label: "Grep",
    argument: (i) => join(text(i["pattern"]), i["include"] ? `in ${text(i["include"])}` : "", i["path"] ? `under ${text(i["path"])}` : ""),
  },
  edit: { label: "Edit", argument: (i) => text(i["file_path"]) },
  multiedit: {
    label: "Multi-edit",
    argument: (i) => join(text(i["file_path"]), Array.isArray(i["edits"]) ? `(${i["edits"].length} edits)` : ""),
  },
  write: { label: "Write", argument: (i) => text(i["file_path"]) },
  bash: { label: "Bash", argument: (i) => text(i["command"]) },
  job_output: { label: "Job output", argument: (i) => text(i["shell_id"]) },
  job_kill: { label: "Job kill", argument: (i) => text(i["shell_id"]) },
  fetch: { label: "Fetch", argument: (i) => text(i["url"]) },
  download: { label: "Download", argument: (i) => join(text(i["url"]), i["file_path"] ? `to ${text(i["file_path"])}` : "") },
  todos: { label: "To-do", argument: () => "" },
  question: { label: "Question", argument: () => "" },
  present_plan: { label: "Plan", argument: () => "" },
  agent: { label: "Agent", argument: (i) => join(i["agent"] ? `${text(i["agent"])}:` : "", text(i["prompt"])) },
  agentic_fetch: { label: "Agentic fetch", argument: (i) => join(text(i["url"]), text(i["prompt"])) },
  sourcegraph: { label: "Sourcegraph", argument: (i) => text(i["query"]) },
  web_fetch: { label: "Fetch", argument: (i) => text(i["url"]) },
  web_search: { label: "Web search", argument: (i) => text(i["query"]) },
};

/** Argument names that say best what an unknown call is about. */
const telling = ["file_path", "path", "command", "pattern", "url", "query", "name", "id"];

export function toolLabel(name: string): string {
  return Object.hasOwn(titles, name) ? titles[name]!.label : name;
}

export function toolArgument(name: string, input: Input): string {
  if (Object.hasOwn(titles, name)) return titles[name]!.argument(input);
  const key = telling.find((each) => typeof input[each] === "string") ?? Object.keys(input).find((each) => typeof input[each] === "string");
  return key === undefined ? "" : text(input[key]);
}

/** The arguments as an object; of those that are no JSON what can be read before that. */
export function readInput(source: string): Input {
  const parser = new PlainPartial();
  parser.push(source);
  const value = parser.value();
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Input) : {};
}
