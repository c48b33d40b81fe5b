import path from "node:path";
import type { ToolIntent } from "../../contracts/tool.ts";

/** `tool`, `tool:action` or `tool(pattern)`. */
type Rule = { tool: string; action?: string; pattern?: string };

const shape = /^([\w-]+)(?::([\w-]+)|\((.*)\))?$/s;

function parseRule(text: string): Rule | undefined {
  const match = shape.exec(text.trim());
  if (match === null) return undefined;
  const [, tool, action, pattern] = match;
  return { tool: tool!, ...(action !== undefined && { action }), ...(pattern !== undefined && { pattern }) };
}

/**
 * Whether a rule allows a call. Patterns of paths are a path, or a directory followed by `/**`; those of addresses are an
 * address, or an origin followed by `/*`. Patterns of commands are never matched here: the judge reads those.
 */
export function ruleAllows(text: string, tool: string, intent: ToolIntent, workspace: string): boolean {
  const rule = parseRule(text);
  if (rule === undefined || rule.tool !== tool) return false;
  if (rule.pattern === undefined) return rule.action === undefined || rule.action === intent.action;
  if (intent.command !== undefined) return false;
  if (intent.url !== undefined) return urlAllowed(rule.pattern, intent.url);
  return intent.path !== undefined && pathAllowed(path.resolve(workspace, rule.pattern), intent.path);
}

function pathAllowed(pattern: string, target: string): boolean {
  const tail = `${path.sep}**`;
  if (!pattern.endsWith(tail)) return pattern === target;
  return target.startsWith(pattern.slice(0, -2));
}

function urlAllowed(pattern: string, url: string): boolean {
  if (!URL.canParse(url)) return false;
  const target = new URL(url);
  if (!pattern.endsWith("/*")) return pattern === url;
  // Compared as parsed: `https://good.example/*` must not cover https://good.example@evil.example/.
  const base = pattern.slice(0, -2);
  return (
    URL.canParse(base) &&
    new URL(base).origin === target.origin &&
    target.username === "" &&
    target.password === "" &&
    new URL(base).pathname === "/"
  );
}

/** What "always" would save for a call that is not a command; undefined where nothing narrow can be said. */
export function rulePattern(tool: string, intent: ToolIntent, workspace: string): string | undefined {
  if (intent.url !== undefined)
    return intent.path === undefined && URL.canParse(intent.url) ? `${tool}(${new URL(intent.url).origin}/*)` : undefined;
  if (intent.path === undefined) return undefined;
  const relative = path.relative(workspace, intent.path);
  // Outside of the workspace a standing permission is too much to give with one key.
  if (relative === "" || relative.startsWith("..") || path.isAbsolute(relative)) return undefined;
  const directory = path.dirname(relative);
  return directory === "." ? `${tool}(${relative})` : `${tool}(${directory}/**)`;
}
