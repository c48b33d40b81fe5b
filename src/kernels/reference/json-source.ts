// The text of one value within a JSON text: JSON.parse does not tell it.

const isSpace = (c: string | undefined): boolean => c === " " || c === "\n" || c === "\r" || c === "\t";

function skipSpace(json: string, from: number): number {
  let at = from;
  while (isSpace(json[at])) at++;
  return at;
}

/** From the opening quote to after the closing one. */
function skipString(json: string, from: number): number {
  let at = json.indexOf('"', from + 1);
  while (true) {
    let slashes = 0;
    while (json[at - 1 - slashes] === "\\") slashes++;
    if (slashes % 2 === 0) return at + 1;
    at = json.indexOf('"', at + 1);
  }
}

function skipValue(json: string, from: number): number {
  let at = from;
  let depth = 0;
  do {
    const c = json[at];
    if (c === '"') at = skipString(json, at);
    else {
      if (c === "{" || c === "[") depth++;
      else if (c === "}" || c === "]") depth--;
      at++;
      if (depth === 0 && c !== "}" && c !== "]") while (at < json.length && !/[\s,\]}]/.test(json[at]!)) at++;
    }
  } while (depth > 0);
  return at;
}

/**
 * @param json  valid JSON
 * @param path  keys and indices that lead to a value that is there; of equal keys the last one counts, as for JSON.parse
 */
export function jsonAt(json: string, path: readonly (string | number)[]): string {
  let at = skipSpace(json, 0);
  let end = json.length;
  for (const step of path) {
    const isArray = json[at] === "[";
    let i = 0;
    let q = skipSpace(json, at + 1);
    while (json[q] !== "]" && json[q] !== "}") {
      let key: string | number = i++;
      if (!isArray) {
        const after = skipString(json, q);
        key = JSON.parse(json.slice(q, after)) as string;
        q = skipSpace(json, skipSpace(json, after) + 1);
      }
      const from = q;
      q = skipValue(json, q);
      if (key === step) {
        at = from;
        end = q;
        if (isArray) break;
      }
      q = skipSpace(json, q);
      if (json[q] === ",") q = skipSpace(json, q + 1);
    }
  }
  return json.slice(at, end);
}
