import path from "node:path";

/** Characters that make a path segment a pattern. */
const magic = /[*?[\]{}!()]/;

/**
 * Splits a pattern into the directory that it certainly lies in and the rest, so that "/src/app/**" and "../x/*.ts" search there
 * and not everywhere.
 */
export function splitPattern(pattern: string): { base: string; rest: string } {
  const segments = pattern.replace(/^\.\//, "").split("/");
  const literal = segments.findIndex((segment) => magic.test(segment));
  const end = literal < 0 ? segments.length - 1 : literal;
  // Only leading directories that cannot be expressed inside of a search directory are split off.
  const must = pattern.startsWith("/") || /^[A-Za-z]:\//.test(pattern) || segments[0] === ".." || segments[0] === "~";
  if (!must) return { base: "", rest: segments.join("/") };
  const base = segments.slice(0, end).join("/");
  return { base: base === "" ? "/" : base, rest: segments.slice(end).join("/") };
}

/** Hidden files are searched when the pattern itself speaks of one. */
export const wantsHidden = (pattern: string) => pattern.split("/").some((segment) => /^[{[(]?\.[^./]/.test(segment));

/** A pattern that starts with "!" would exclude; here it means a name. */
export const literalStart = (pattern: string) => (pattern.startsWith("!") ? `\\${pattern}` : pattern);

export const shown = (root: string, file: string) => (path.isAbsolute(file) ? file : path.join(root, file));
