/** Where something is in a text, both from 1. Columns count UTF-16 units, as editors do. */
export type Position = { line: number; column: number };

/** A JSON text read for where its keys are. `problem` is the first thing that is no JSON; `keys` holds what came before it. */
export type Positions = {
  keys: Map<string, Position>;
  twice: { path: string[]; position: Position }[];
  problem?: Position & { message: string };
};

/** How a path is written as a key of `Positions.keys`: names may hold dots. */
export const pathKey = (path: readonly (string | number)[]): string => path.join("\0");

/** Deeper than any configuration, and far from the end of the stack. */
const depthMax = 200;

class Problem extends Error {
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

/** Finds each key (and each element of an array, by number) of a JSON text (RFC 8259). Never throws, quotes nothing of the text. */
export function positionsOf(text: string): Positions {
  const lines = lineStarts(text);
  const found: Positions = { keys: new Map(), twice: [] };
  let at = 0;
  const blank = (): void => {
    while (at < text.length && " \t\n\r".includes(text[at]!)) at += 1;
  };
  const fail = (message: string): never => {
    throw new Problem(at, at >= text.length ? "the text ends too early" : message);
  };
  const string = (): string => {
    const start = at;
    if (text[at] !== '"') fail("a string in double quotes is expected");
    for (at += 1; at < text.length; at++) {
      const char = text[at]!;
      if (char === "\\") at += 1;
      else if (char === '"') {
        at += 1;
        try {
          return JSON.parse(text.slice(start, at)) as string;
        } catch {
          at = start;
          fail("the string holds an escape that JSON does not know");
        }
      } else if (char < " ") fail("a line ends inside of a string");
    }
    return fail("the string is not closed");
  };
  const value = (path: string[]): void => {
    if (path.length > depthMax) fail(`nested deeper than ${depthMax}`);
    blank();
    const char = text[at];
    if (char === "{") object(path);
    else if (char === "[") array(path);
    else if (char === '"') string();
    else {
      const word = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)/.exec(text.slice(at, at + 64))?.[0];
      if (word === undefined) fail(char === "/" ? "JSON has no comments" : "a value is expected");
      at += word!.length;
    }
  };
  const object = (path: string[]): void => {
    at += 1;
    blank();
    if (text[at] === "}") {
      at += 1;
      return;
    }
    for (;;) {
      blank();
      const position = place(lines, at);
      if (text[at] === "}") fail("a comma stands before the closing brace");
      if (text[at] === "/") fail("JSON has no comments");
      const inner = [...path, string()];
      const key = pathKey(inner);
      if (found.keys.has(key)) found.twice.push({ path: inner, position });
      found.keys.set(key, position);
      blank();
      if (text[at] !== ":") fail("a colon is expected after the key");
      at += 1;
      value(inner);
      blank();
      if (text[at] === "}") break;
      if (text[at] !== ",") fail("a comma or a closing brace is expected");
      at += 1;
    }
    at += 1;
  };
  const array = (path: string[]): void => {
    at += 1;
    blank();
    if (text[at] === "]") {
      at += 1;
      return;
    }
    for (let index = 0; ; index++) {
      blank();
      if (text[at] === "]") fail("a comma stands before the closing bracket");
      const inner = [...path, String(index)];
      found.keys.set(pathKey(inner), place(lines, at));
      value(inner);
      blank();
      if (text[at] === "]") break;
      if (text[at] !== ",") fail("a comma or a closing bracket is expected");
      at += 1;
    }
    at += 1;
  };
  try {
    value([]);
    blank();
    if (at < text.length) fail("something follows the end of the object");
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    found.problem = { ...place(lines, Math.min(error.at, text.length)), message: error.message };
  }
  return found;
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function place(starts: readonly number[], at: number): Position {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= at) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: at - starts[low]! + 1 };
}
