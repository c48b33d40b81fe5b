import fs from "node:fs";
import path from "node:path";
import { isObject } from "./merge.ts";

/** Patterns that a user allowed "always", by workspace. A user-side file: a project cannot bring its own. */
type RulesFile = { version: 1; workspaces: Record<string, string[]> };

const fileName = "permissions.json";
/** More patterns than this for one directory means that something else is wrong. */
const rulesMax = 1_000;

function read(file: string): RulesFile {
  try {
    const value: unknown = JSON.parse(fs.readFileSync(file, "utf8"));
    if (isObject(value) && value.version === 1 && isObject(value.workspaces)) return value as RulesFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { version: 1, workspaces: {} };
  }
  // A torn or foreign file grants nothing.
  return { version: 1, workspaces: {} };
}

export function savedRules(dataDir: string, workspace: string): string[] {
  const rules = read(path.join(dataDir, fileName)).workspaces[workspace];
  return Array.isArray(rules) ? rules.filter((rule) => typeof rule === "string") : [];
}

/** Adds a pattern for a workspace; the file is replaced as a whole, so that it is never torn. */
export function saveRule(dataDir: string, workspace: string, rule: string): void {
  const file = path.join(dataDir, fileName);
  const content = read(file);
  const rules = new Set(savedRules(dataDir, workspace));
  rules.add(rule);
  if (rules.size > rulesMax) throw new Error(`${file} already holds ${rulesMax} patterns for ${workspace}: remove some`);
  content.workspaces[workspace] = [...rules];
  const temporary = `${file}.${process.pid}.tmp`;
  fs.writeFileSync(temporary, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  fs.renameSync(temporary, file);
}
