import type { Simple } from "./bash/ast.ts";
import { literalText } from "./bash/words.ts";

const blockDevice = /^(of=)?\/dev\/(sd[a-z]|hd[a-z]|vd[a-z]|xvd[a-z]|nvme\d|mmcblk\d|disk\d|mapper\/|dm-\d|loop\d|md\d)/;
const wrappers = new Set(["sudo", "doas", "env", "command", "nohup", "time", "exec", "nice", "builtin", "busybox"]);

/** What is never run, with no permission at all: it would destroy the machine or the home directory. */
export function catastrophe(simples: readonly Simple[], source: string, home: string | undefined): string | undefined {
  if (/(^|[;&|\s]):\s*\(\)\s*\{\s*:\s*\|\s*:\s*&?\s*\}/.test(source)) return "it is a fork bomb";
  const asWritten = ["$HOME", "$HOME/", "$HOME/*", "${HOME}", "${HOME}/", "${HOME}/*"];
  const roots = new Set([
    ...asWritten,
    "/",
    "/*",
    "/.",
    "/..",
    "/.*",
    "~",
    "~/",
    "~/*",
    "~/.*",
    ...(home ? [home, `${home}/`, `${home}/*`] : []),
  ]);
  for (const system of ["bin", "boot", "dev", "etc", "home", "lib", "opt", "proc", "root", "sbin", "sys", "usr", "var", "Users", "System"])
    for (const tail of ["", "/", "/*"]) roots.add(`/${system}${tail}`);
  for (const { words, redirects } of simples) {
    for (const { operator, target } of redirects)
      if (operator.includes(">") && blockDevice.test(spelled(target, source)))
        return `it writes over the device ${spelled(target, source)}`;
    let texts = words.map((word) => spelled(word, source));
    while (texts.length > 1 && wrappers.has(base(texts[0]!))) {
      texts = texts.slice(1);
      while (texts.length > 1 && (texts[0]!.startsWith("-") || /^\w+=/.test(texts[0]!))) texts = texts.slice(1);
    }
    const name = base(texts[0] ?? "");
    const flags = texts.slice(1).filter((text) => text.startsWith("-"));
    const recursive = flags.some((flag) => /^-[a-zA-Z]*[rR]|^--recursive$/.test(flag));
    const target = texts.slice(1).find((text) => roots.has(text.replace(/\/{2,}/g, "/")));
    if (name === "rm" && recursive && target !== undefined) return `it would remove ${target} with all it holds`;
    if (/^(chmod|chown|chgrp)$/.test(name) && recursive && target !== undefined) return `it would change the rights of all of ${target}`;
    if (/^mkfs(\.\w+)?$/.test(name) || name === "wipefs") return "it would make a new file system over what is there";
    if (
      (name === "dd" || name === "shred") &&
      texts.slice(1).some((text) => (name === "shred" || text.startsWith("of=")) && blockDevice.test(text))
    )
      return "it would write over a device";
  }
  return undefined;
}

const base = (text: string): string => text.replace(/^.*\//, "");
/** Without quotes where it is plain, else as written (`$HOME`). */
const spelled = (word: Simple["words"][number], source: string): string =>
  literalText(word, true) ?? source.slice(word.start, word.end).replaceAll('"', "");
