import fs from "node:fs";
import path from "node:path";
import { globEntriesMax, valuesMax } from "../limits.ts";
import { Refusal } from "./ast.ts";

/** A word before globbing: `active[i]` says whether character i is unquoted, so that it can be a pattern. */
export type Pattern = { text: string; active: boolean[] };

export const hasGlob = ({ text, active }: Pattern): boolean => active.some((on, at) => on && "*?[".includes(text[at]!));

/** The names that bash would put for a pattern, in `cwd`; the pattern itself when there are none. @throws Refusal */
export function expandGlob(pattern: Pattern, cwd: string): string[] {
  const components: Pattern[] = [{ text: "", active: [] }];
  for (let at = 0; at < pattern.text.length; at++) {
    if (pattern.text[at] === "/") components.push({ text: "", active: [] });
    else {
      components.at(-1)!.text += pattern.text[at];
      components.at(-1)!.active.push(pattern.active[at]!);
    }
  }
  let found: string[] = [""];
  let entries = 0;
  components.forEach((component, index) => {
    const last = index === components.length - 1;
    const join = (base: string, name: string) => base + name + (last ? "" : "/");
    if (!hasGlob(component)) {
      found = found.map((base) => join(base, component.text));
      return;
    }
    const matches = matcher(component);
    const next: string[] = [];
    for (const base of found) {
      let names: string[];
      try {
        names = fs.readdirSync(path.resolve(cwd, base || "."));
      } catch {
        continue;
      }
      entries += names.length;
      if (entries > globEntriesMax) throw new Refusal("a pattern covers too many files");
      // Older shells count these two among what `.*` matches.
      if (component.text.startsWith(".")) names.push(".", "..");
      for (const name of names) if (matches.test(name)) next.push(join(base, name));
      if (next.length > valuesMax) throw new Refusal("a pattern covers too many files");
    }
    found = next;
  });
  const existing = hasGlob(components.at(-1)!) ? found : found.filter((name) => fs.existsSync(path.resolve(cwd, name)));
  return existing.length > 0 ? existing : [pattern.text];
}

function matcher({ text, active }: Pattern): RegExp {
  let source = text[0] === "." && !(active[0] === true && "*?[".includes(text[0]!)) ? "" : "(?!\\.)";
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (active[at] && char === "*") source += ".*";
    else if (active[at] && char === "?") source += ".";
    else if (active[at] && char === "[") {
      const close = text.indexOf("]", at + 2);
      const inside = close < 0 ? "" : text.slice(at + 1, close);
      if (close < 0) source += "\\[";
      else if (!/^[!^]?[\w.-]+$/.test(inside) || !active.slice(at, close + 1).every((on) => on))
        throw new Refusal("a pattern's brackets are not plain");
      else {
        source += `[${inside.replace(/^[!^]/, "^")}]`;
        at = close;
      }
    } else source += char.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  }
  try {
    return new RegExp(`^${source}$`, "su");
  } catch {
    throw new Refusal("a pattern's brackets are not plain");
  }
}
