// "Search for TODO": one grep, and where the word is.
import { call, end, type Kind, last } from "./script.ts";
import { readHits, short } from "./results.ts";

const wanted =
  /\b(?:search(?:es|ing)?(?: \w+){0,2} for|grep(?: for)?|look for|find(?: all)?(?: \w+)? ?(?:uses|usages|occurrences|mentions)? ?(?:of|for)?|where (?:is|are|do we(?: use)?))\s+(.+)/i;
/** Shown of the hits; the screen has all of them in the call's result. */
const hitsShown = 12;

const wordOf = (rest: string): string | undefined => {
  const quoted = /`([^`]+)`|"([^"]+)"|'([^']+)'/.exec(rest);
  if (quoted) return quoted[1] ?? quoted[2] ?? quoted[3];
  const words = rest
    .replace(/[?!.,;:]+(\s|$)/g, " ")
    .trim()
    .split(/\s+/)
    .filter(
      (word) =>
        !/^(the|a|an|word|text|string|symbol|function|class|in|all|every|any|of|for|this|project|here|please|used|defined|files?|code)$/i.test(
          word,
        ),
    );
  return words[0];
};

export const search: Kind = {
  name: "search",
  next({ request, directory, steps }) {
    const rest = wanted.exec(request)?.[1];
    const word = rest === undefined ? undefined : wordOf(rest);
    if (!word) return undefined;
    const done = last(steps, "grep");
    if (!done)
      return call(`I search the directory for \`${word}\`.`, {
        tool: "grep",
        input: { pattern: word, path: directory, literal_text: true },
      });
    const hits = readHits(done.result);
    if (hits.length === 0) return end(`No file has \`${word}\` in it. The tool said:\n\n> ${done.result.trim().split("\n")[0]}`);
    const files = new Map<string, number>();
    for (const hit of hits) files.set(hit.file, (files.get(hit.file) ?? 0) + 1);
    const lines = [
      `\`${word}\` is in ${hits.length} line${hits.length === 1 ? "" : "s"} of ${files.size} file${files.size === 1 ? "" : "s"}:`,
      "",
    ];
    for (const hit of hits.slice(0, hitsShown))
      lines.push(`- \`${short(hit.file, directory)}:${hit.line}\` ${hit.text.slice(0, 100).replaceAll("`", "'")}`);
    if (hits.length > hitsShown) lines.push(`- and ${hits.length - hitsShown} more`);
    return end(lines.join("\n"));
  },
};
