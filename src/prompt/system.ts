import fs from "node:fs/promises";
import path from "node:path";
import type { Config } from "../contracts/config.ts";
import { type SkillEntry, skillsText } from "./skills.ts";
import base from "./system.md";

export type PromptRequest = {
  workspace: string;
  config: Config;
  /** Directory of the user's own CRUSH.md. */
  configDir: string;
  homeDir: string;
  systemPromptPrefix?: string;
  /** ISO day; fixed for a session, so that its prefix stays the same bytes. */
  day: string;
  platform: string;
  /** By name, so that they stand in one order. */
  skills?: readonly SkillEntry[];
};

/** A context file beyond this is cut: it would crowd out the work. */
const contextFileBytesMax = 64 << 10;
/** All context files together. */
const contextBytesMax = 256 << 10;
/** Names of files that had no room. */
const leftMax = 50;
/** Files taken from one directory that is named as a context path. */
const directoryFilesMax = 50;

/**
 * System texts of a session, in a fixed order: prefix of the provider, our text, place and day, skills, context files in the order of
 * the configuration. The same request gives the same bytes, which is what a provider's prompt cache needs.
 */
export async function systemPrompt(request: PromptRequest): Promise<string[]> {
  const { workspace, config } = request;
  const isGit = await exists(path.join(workspace, ".git"));
  const place = [
    `Working directory: ${workspace}`,
    `Git repository: ${isGit ? "yes" : "no"}`,
    `Platform: ${request.platform}`,
    `Date: ${request.day}`,
  ].join("\n");
  const attribution = attributionText(config);
  const { files, left } = await contextFiles(request);
  const texts = [`${base.trim()}\n\n${attribution}<env>\n${place}\n</env>`];
  const skills = skillsText(request.skills ?? []);
  if (skills !== "") texts[0] += `\n\n${skills}`;
  if (files.length > 0) {
    const all = files.map((f) => `<file path=${JSON.stringify(f.path)}>\n${f.text}\n</file>`);
    if (left.length > 0)
      all.push(`[left out for want of room, read them when they matter: ${left.map((f) => JSON.stringify(f)).join(", ")}]`);
    texts[0] += `\n\n<project_context>\n${all.join("\n")}\n</project_context>`;
  }
  return request.systemPromptPrefix ? [request.systemPromptPrefix, ...texts] : texts;
}

function attributionText(config: Config): string {
  const { trailerStyle, generatedWith } = config.options.attribution;
  const lines: string[] = [];
  if (trailerStyle === "assisted-by") lines.push("end commit messages with the trailer `Assisted-by: Crush`");
  if (trailerStyle === "co-authored-by") lines.push("end commit messages with the trailer `Co-Authored-By: Crush <crush@charm.land>`");
  if (generatedWith) lines.push("say `Generated with Crush` in pull requests");
  return lines.length > 0 ? `When you are asked to commit: ${lines.join("; ")}.\n\n` : "";
}

async function contextFiles(request: PromptRequest): Promise<{ files: { path: string; text: string }[]; left: string[] }> {
  const { workspace, config, configDir, homeDir } = request;
  const wanted: string[] = [path.join(configDir, "CRUSH.md"), path.join(path.dirname(configDir), "AGENTS.md")];
  for (const given of config.options.globalContextPaths) wanted.push(absolute(given, workspace, homeDir));
  for (const given of config.options.contextPaths) wanted.push(absolute(given, workspace, homeDir));
  const found: { path: string; text: string }[] = [];
  const left: string[] = [];
  const seen = new Set<string>();
  let room = contextBytesMax;
  for (const file of wanted) {
    for (const one of await expandDirectory(file)) {
      // Names that differ in case only are one file on some systems; the inode tells.
      const identity = await identityOf(one);
      if (identity === undefined || seen.has(identity)) continue;
      // A link in a project must not carry a file of the user's to a provider.
      if (one.startsWith(workspace + path.sep) && !(await staysInside(one, workspace))) continue;
      seen.add(identity);
      const name = one.startsWith(workspace + path.sep) ? path.relative(workspace, one) : one;
      if (room <= 0) {
        if (left.length < leftMax) left.push(name);
        continue;
      }
      const text = await readText(one, Math.min(contextFileBytesMax, room));
      if (text === undefined) continue;
      room -= text.length;
      found.push({ path: name, text });
    }
  }
  return { files: found, left };
}

function absolute(given: string, workspace: string, homeDir: string): string {
  if (given === "~" || given.startsWith("~/")) return path.join(homeDir, given.slice(1));
  return path.resolve(workspace, given);
}

async function expandDirectory(file: string): Promise<string[]> {
  try {
    if (!(await fs.stat(file)).isDirectory()) return [file];
    const names = await fs.readdir(file, { recursive: true, withFileTypes: true });
    return names
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .sort()
      .slice(0, directoryFilesMax);
  } catch {
    return [];
  }
}

async function identityOf(file: string): Promise<string | undefined> {
  try {
    const found = await fs.stat(file);
    return found.isFile() ? `${found.dev}:${found.ino}` : undefined;
  } catch {
    return undefined;
  }
}

async function staysInside(file: string, workspace: string): Promise<boolean> {
  const [real, root] = await Promise.all([fs.realpath(file), fs.realpath(workspace)]);
  return real.startsWith(root + path.sep);
}

async function readText(file: string, bytesMax: number): Promise<string | undefined> {
  const handle = await fs.open(file).catch(() => undefined);
  if (!handle) return undefined;
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(bytesMax + 1), 0, bytesMax + 1, 0);
    const text = buffer.subarray(0, Math.min(bytesRead, bytesMax)).toString("utf8").trim();
    return bytesRead > bytesMax ? `${text}\n[cut here: the file is longer]` : text;
  } catch {
    return undefined;
  } finally {
    await handle.close();
  }
}

async function exists(file: string): Promise<boolean> {
  return await fs.access(file).then(
    () => true,
    () => false,
  );
}
