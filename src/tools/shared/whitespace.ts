// Finding lines that differ from what a model wrote in white space only, and indenting its replacement like the file.

export type Loose =
  | { kind: "none" }
  | { kind: "several"; count: number }
  | { kind: "found"; start: number; end: number; text: string; lines: number };

const indentOf = (line: string) => /^[ \t]*/.exec(line)![0];
const normal = (line: string) => line.trim().replace(/\s+/g, " ");

/** `text`, `find` and `replacement` with LF. Only whole lines match. */
export function replaceLoosely(text: string, find: string, replacement: string): Loose {
  const wanted = find.split("\n");
  const closed = wanted.length > 1 && wanted.at(-1)!.trim() === "";
  if (closed) wanted.pop();
  const normals = wanted.map(normal);
  if (normals.every((line) => line === "")) return { kind: "none" };

  const lines = text.split("\n");
  const lineNormals = lines.map(normal);
  const places: number[] = [];
  for (let at = 0; at + wanted.length <= lines.length; at++) {
    if (normals.every((line, index) => lineNormals[at + index] === line)) places.push(at);
  }
  if (places.length === 0) return { kind: "none" };
  if (places.length > 1) return { kind: "several", count: places.length };

  const first = places[0]!;
  const matched = lines.slice(first, first + wanted.length);
  const start = lines.slice(0, first).reduce((sum, line) => sum + line.length + 1, 0);
  const end = start + matched.join("\n").length;
  return { kind: "found", start, end, text: indentLike(replacement, wanted, matched, closed), lines: wanted.length };
}

function indentLike(replacement: string, wanted: string[], matched: string[], closed: boolean): string {
  const known = new Map<string, string>();
  for (const [index, line] of wanted.entries()) {
    if (line.trim() !== "" && !known.has(indentOf(line))) known.set(indentOf(line), indentOf(matched[index]!));
  }
  const lines = replacement.split("\n");
  // The line feed that ended old_string stays in the file, so new_string's goes.
  if (closed && lines.length > 1 && lines.at(-1) === "") lines.pop();
  const tabs = matched.some((line) => indentOf(line).includes("\t"));
  const unit = spaceUnit([...wanted, ...lines]);
  const fileUnit = spaceUnit(matched);
  return lines
    .map((line) => {
      if (line.trim() === "") return line;
      const indent = indentOf(line);
      return translate(indent, known, { tabs, unit, fileUnit }) + line.slice(indent.length);
    })
    .join("\n");
}

function translate(indent: string, known: Map<string, string>, style: { tabs: boolean; unit: number; fileUnit: number }): string {
  let prefix = "";
  let base = "";
  for (const [from, to] of known) {
    if (indent.startsWith(from) && from.length >= prefix.length) [prefix, base] = [from, to];
  }
  if (!known.has(prefix)) {
    // Less deep than anything that was found: take away from the shallowest as many levels as it has fewer.
    const [from, to] = [...known].sort(([a], [b]) => a.length - b.length)[0]!;
    const kept = to.length - (from.length - indent.length);
    return style.tabs === from.includes("\t") && kept >= 0 ? to.slice(0, kept) : indent;
  }
  const rest = indent.slice(prefix.length);
  if (style.tabs && /^ +$/.test(rest)) return base + "\t".repeat(Math.max(1, Math.round(rest.length / style.unit)));
  if (!style.tabs && /^\t+$/.test(rest)) return base + " ".repeat(rest.length * style.fileUnit);
  return base + rest;
}

/** Spaces of one level: the smallest indentation that is used, 4 when none is. */
function spaceUnit(lines: string[]): number {
  const widths = lines
    .filter((line) => line.trim() !== "")
    .map((line) => /^ */.exec(line)![0].length)
    .filter((width) => width > 1);
  const steps = [...new Set(widths)].sort((a, b) => a - b);
  return Math.min(
    ...steps,
    ...steps
      .slice(1)
      .map((width, index) => width - steps[index]!)
      .filter((step) => step > 1),
    steps.length === 0 ? 4 : 8,
  );
}
