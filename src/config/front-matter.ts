export type FrontMatter = { fields: ReadonlyMap<string, string | string[]>; body: string };

/**
 * A Markdown file that begins with fields between two lines of `---`: the part of YAML that agents and commands are written in.
 * Plain, quoted and block (`|`, `>`) values, lists in brackets or in lines of `- `. What is none of these is left out.
 */
export function readFrontMatter(text: string): FrontMatter {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const end = lines[0]?.trim() === "---" ? lines.indexOf("---", 1) : -1;
  if (end < 0) return { fields: new Map(), body: text };
  const fields = new Map<string, string | string[]>();
  for (let at = 1; at < end; ) {
    const match = /^([A-Za-z_][\w-]*):(?:\s+(.*)|\s*)$/.exec(lines[at++]!);
    if (match === null) continue;
    const [, key, given = ""] = match;
    const inner: string[] = [];
    while (at < end && (/^\s+\S/.test(lines[at]!) || lines[at]!.trim() === "" || /^- /.test(lines[at]!))) inner.push(lines[at++]!);
    fields.set(key!, fieldOf(given.trim(), inner));
  }
  return {
    fields,
    body: lines
      .slice(end + 1)
      .join("\n")
      .trim(),
  };
}

function fieldOf(given: string, inner: readonly string[]): string | string[] {
  if (/^[|>][+-]?$/.test(given)) {
    const kept = inner.map((each) => each.trim());
    return kept.join(given.startsWith("|") ? "\n" : " ").trim();
  }
  if (given.startsWith("[") && given.endsWith("]")) return listOf(given.slice(1, -1).split(","));
  if (given === "" && inner.some((each) => each.trimStart().startsWith("- ")))
    return listOf(inner.map((each) => each.replace(/^\s*-\s+/, "")));
  // A plain value goes on in lines that are indented.
  return unquoted([given, ...inner.map((each) => each.trim())].filter((each) => each !== "").join(" "));
}

const listOf = (items: readonly string[]): string[] => items.map((item) => unquoted(item.trim())).filter((item) => item !== "");

function unquoted(text: string): string {
  if (text.length >= 2 && text.startsWith('"') && text.endsWith('"')) {
    try {
      return String(JSON.parse(text));
    } catch {
      return text.slice(1, -1);
    }
  }
  if (text.length >= 2 && text.startsWith("'") && text.endsWith("'")) return text.slice(1, -1).replaceAll("''", "'");
  return text.replace(/\s+#.*$/, "");
}

/** A list that may also be written with commas. */
export const asList = (value: string | string[] | undefined): string[] | undefined =>
  value === undefined ? undefined : typeof value === "string" ? listOf(value.split(",")) : value;
export const asText = (value: string | string[] | undefined): string | undefined => (typeof value === "string" ? value : value?.join(", "));
