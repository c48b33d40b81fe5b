// Agents that a user defined, in Claude Code's format: a Markdown file with `name`, `description`, `tools` and `model`.
import fs from "node:fs";
import path from "node:path";
import type { AgentDefinition } from "../contracts/agent.ts";
import { asList, asText, readFrontMatter } from "./front-matter.ts";
import { ConfigError, readProjectSource, readSource } from "./read.ts";
import { openTrust } from "./trust.ts";

/** More than anybody chooses among, for a model or a person. */
const filesMax = 50;
const descriptionCharsMax = 1_024;

type Request = { workspace: string; homeDir: string; configDir: string };
type AgentFile = { file: string; text: string; hash: string };

/** The user's own directories, low to high. */
const userPlaces = ({ homeDir, configDir }: Request): string[] => [path.join(homeDir, ".claude", "agents"), path.join(configDir, "agents")];
const projectPlaces = (workspace: string): string[] => [
  path.join(workspace, ".claude", "agents"),
  path.join(workspace, ".crush", "agents"),
];

/** Tools of Claude Code as they are called here; others have no like. */
const toolNames: Readonly<Record<string, readonly string[]>> = {
  Read: ["view"],
  Grep: ["grep"],
  Glob: ["glob"],
  LS: ["ls"],
  Bash: ["bash", "job_output", "job_kill"],
  Edit: ["edit"],
  MultiEdit: ["multiedit"],
  Write: ["write"],
  WebFetch: ["fetch"],
};

/** Agent files of the project as they are now; they count when their contents are trusted. */
export function projectAgentFiles(workspace: string): AgentFile[] {
  return projectPlaces(workspace).flatMap((directory) => filesIn(directory, (file) => readProjectSource(file, workspace)));
}

/** Agents that count in the workspace: the user's own, and over them those of the project that the user has trusted. */
export function loadAgents(request: Request & { dataDir: string }): AgentDefinition[] {
  const own = userPlaces(request).flatMap((directory) => filesIn(directory, (file) => readSource(file)));
  const ofProject = projectAgentFiles(request.workspace);
  const trust = ofProject.length === 0 ? undefined : openTrust(request.dataDir);
  const found = new Map<string, AgentDefinition>();
  for (const each of [...own, ...ofProject.filter(({ file, hash }) => trust?.isTrusted(file, hash))]) {
    const agent = readAgent(each);
    if (agent) found.set(agent.name, agent);
  }
  // In one order, whatever the directories say: the model is told of them before everything else.
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function filesIn(directory: string, read: (file: string) => { text: string; hash: string } | undefined): AgentFile[] {
  let names: string[];
  try {
    names = fs.readdirSync(directory);
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith(".md"))
    .sort()
    .slice(0, filesMax)
    .flatMap((name): AgentFile[] => {
      const file = path.join(directory, name);
      try {
        const source = read(file);
        return source === undefined ? [] : [{ file, ...source }];
      } catch (error) {
        // One that cannot be read, or leads out of the project, is none.
        if (error instanceof ConfigError) return [];
        throw error;
      }
    });
}

/** The agent of a file; undefined when it has no usable name or no prompt. */
function readAgent({ file, text }: AgentFile): AgentDefinition | undefined {
  const { fields, body } = readFrontMatter(text);
  const name = asText(fields.get("name")) ?? path.basename(file, ".md");
  if (!/^[\w-]{1,64}$/.test(name) || body === "") return undefined;
  const tools = asList(fields.get("tools"));
  const model = asText(fields.get("model"));
  return {
    name,
    description: (asText(fields.get("description")) ?? "").replace(/\s+/g, " ").slice(0, descriptionCharsMax),
    ...(tools !== undefined && !tools.includes("*") && { tools: [...new Set(tools.flatMap(toolsNamed))] }),
    ...(model !== undefined && model !== "" && { model }),
    prompt: body,
    file,
  };
}

/** `Bash(git *)` names the tool; what of it may run is a matter of permissions. */
function toolsNamed(given: string): readonly string[] {
  const name = given.replace(/\(.*$/, "").trim();
  if (Object.hasOwn(toolNames, name)) return toolNames[name]!;
  return /^[a-z_]+$/.test(name) ? [name] : [];
}
