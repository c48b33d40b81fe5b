// Agent Skills (agentskills.io): directories with a SKILL.md. The model is told name and description and reads the rest when it needs it.
import fs from "node:fs";
import path from "node:path";
import { projectRoot } from "./files.ts";
import { asText, readFrontMatter } from "./front-matter.ts";
import { type MarkdownFile, markdownFiles } from "./markdown-files.ts";
import { isInside, readProjectSource, readSource } from "./read.ts";
import { openTrust } from "./trust.ts";

export type Skill = {
  name: string;
  description: string;
  /** Absolute path of its SKILL.md. */
  file: string;
  /** What stands below the fields. */
  text: string;
  /** In the commands of a user. */
  userInvocable: boolean;
  /** The model is told of it. */
  modelInvocable: boolean;
};

type Request = {
  workspace: string;
  homeDir: string;
  configDir: string;
  dataDir: string;
  /** Replaces the user's own directories: CRUSH_SKILLS_DIR. */
  skillsDir?: string;
  /** `options.skills_paths`, expanded. */
  skillsPaths: readonly string[];
  disabled: readonly string[];
};

// The standard's bounds.
const nameCharsMax = 64;
const descriptionCharsMax = 1_024;
const compatibilityCharsMax = 500;
const namePattern = /^[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*$/;

const isSkill = (name: string): boolean => name === "SKILL.md";
const projectPlaces = [".agents", ".crush", ".claude", ".cursor"].map((name) => path.join(name, "skills"));

/** Directories of the user's own, low to high. */
export function userSkillDirectories({
  homeDir,
  configDir,
  skillsDir,
  skillsPaths,
  workspace,
}: Omit<Request, "dataDir" | "disabled">): string[] {
  const globals = skillsDir
    ? [skillsDir]
    : [
        path.join(configDir, "skills"),
        path.join(path.dirname(configDir), "agents", "skills"),
        path.join(homeDir, ".agents", "skills"),
        path.join(homeDir, ".claude", "skills"),
      ];
  return [...globals, ...skillsPaths.map((each) => path.resolve(workspace, each.replace(/^~(?=\/|$)/, homeDir)))];
}

/** SKILL.md files of the project, of its root and nearer directories later; they count when their contents are trusted. */
export function projectSkillFiles(workspace: string): MarkdownFile[] {
  const root = projectRoot(workspace);
  return [...new Set([root, workspace])]
    .flatMap((directory) => projectPlaces.map((place) => path.join(directory, place)))
    .flatMap((directory) => markdownFiles(directory, isSkill, (file) => readProjectSource(file, workspace)));
}

/** Skills that count, by name; of two with one name the user's own does. `problems`: files that are no skill, and why. */
export function loadSkills(request: Request): { skills: Skill[]; problems: string[]; waiting: number } {
  const root = realPath(projectRoot(request.workspace));
  const own = userSkillDirectories(request).flatMap((directory) => markdownFiles(directory, isSkill, (file) => readSource(file)));
  const all = projectSkillFiles(request.workspace);
  const trust = openTrust(request.dataDir);
  // A user's path may lead into the project: then it is the project's.
  const counts = ({ file, hash }: MarkdownFile): boolean => !isInside(realPath(file), root) || trust.isTrusted(file, hash);
  const files = [...all, ...own];
  const found = new Map<string, Skill>();
  const problems: string[] = [];
  for (const each of files.filter(counts)) {
    const skill = readSkill(each);
    if (typeof skill === "string") problems.push(`${each.file}: ${skill}`);
    else if (!request.disabled.includes(skill.name)) found.set(skill.name, skill);
  }
  return {
    skills: [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    problems,
    waiting: files.filter((each) => !counts(each)).length,
  };
}

/** The skill of a file, or why it is none. */
function readSkill({ file, text }: MarkdownFile): Skill | string {
  const { fields, body } = readFrontMatter(text);
  const name = asText(fields.get("name")) ?? "";
  const description = (asText(fields.get("description")) ?? "").replace(/\s+/g, " ").trim();
  const directory = path.basename(path.dirname(file));
  if (name === "" || name.length > nameCharsMax || !namePattern.test(name))
    return `name must be 1 to ${nameCharsMax} letters, digits and single hyphens`;
  if (name.toLowerCase() !== directory.toLowerCase()) return `name "${name}" must be the name of its directory, "${directory}"`;
  if (description === "" || description.length > descriptionCharsMax) return `description must have 1 to ${descriptionCharsMax} characters`;
  if ((asText(fields.get("compatibility")) ?? "").length > compatibilityCharsMax)
    return `compatibility must have at most ${compatibilityCharsMax} characters`;
  return {
    name,
    description,
    file,
    text: body,
    userInvocable: asText(fields.get("user-invocable")) !== "false",
    modelInvocable: asText(fields.get("disable-model-invocation")) !== "true",
  };
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** The prompt of somebody who calls a skill by its name. */
export function skillInvocation({ name, description, file, text }: Skill, args = ""): string {
  const skill = [
    "<loaded_skill>",
    `<name>${name}</name>`,
    `<description>${escaped(description)}</description>`,
    `<location>${escaped(file)}</location>`,
    `<instructions>\n${text}\n</instructions>`,
    "</loaded_skill>",
  ].join("\n");
  return args.trim() === "" ? `${skill}\n\nDo what this skill is for.` : `${skill}\n\n${args.trim()}`;
}

function realPath(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    return file;
  }
}
