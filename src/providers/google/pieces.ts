// Arguments of a call that come in pieces (`partialArgs`, at Vertex and to who asks for them): values with the place where they stand,
// strings in several, e.g. {"jsonPath": "$.files[0].name", "stringValue": "a.t", "willContinue": true}.
import { inside, type Json, textOf } from "../shared/json.ts";

/** A list that is longer is a mistake, and would be filled with nothing up to there. */
const indexMax = 10_000;

type Container = { [key: string]: unknown } | unknown[];

export class ArgumentPieces {
  readonly #root = Object.create(null) as Json;

  /** Takes the pieces of one part. What is no place, or does not fit what is there, is left out. */
  add(pieces: unknown): void {
    for (const piece of Array.isArray(pieces) ? pieces.map(inside) : []) {
      const path = places(textOf(piece.jsonPath));
      if (path === undefined) continue;
      if (typeof piece.stringValue === "string")
        this.#set(path, (before) => (typeof before === "string" ? before : "") + String(piece.stringValue));
      else if (typeof piece.numberValue === "number") this.#set(path, () => piece.numberValue);
      else if (typeof piece.boolValue === "boolean") this.#set(path, () => piece.boolValue);
      else if ("nullValue" in piece) this.#set(path, () => null);
    }
  }

  get json(): string {
    return JSON.stringify(this.#root);
  }

  #set(path: readonly (string | number)[], change: (before: unknown) => unknown): void {
    let at: Container = this.#root;
    for (const [i, key] of path.entries()) {
      if (Array.isArray(at) !== (typeof key === "number")) return;
      const here = at as Record<string | number, unknown>;
      if (i === path.length - 1) {
        here[key] = change(here[key]);
        return;
      }
      here[key] ??= typeof path[i + 1] === "number" ? [] : Object.create(null);
      const next = here[key];
      if (typeof next !== "object" || next === null) return;
      at = next as Container;
    }
  }
}

/** `$.a[0]['b c']` -> ["a", 0, "b c"]; undefined for anything else. */
function places(path: string): (string | number)[] | undefined {
  const found: (string | number)[] = [];
  let rest = path.startsWith("$") ? path.slice(1) : "";
  while (rest !== "") {
    const match = /^(?:\.([^.[\]]+)|\[(\d+)\]|\[(?:'([^']*)'|"([^"]*)")\])/.exec(rest);
    if (!match) return undefined;
    const key = match[2] === undefined ? (match[1] ?? match[3] ?? match[4] ?? "") : Number(match[2]);
    if (typeof key === "number" && key > indexMax) return undefined;
    found.push(key);
    rest = rest.slice(match[0].length);
  }
  return found.length > 0 && typeof found[0] === "string" ? found : undefined;
}
