// What of a message can be found: the same text is indexed and shown in an answer.
import type { Part } from "../../protocol/index.ts";
import { searchMessageCharsMax, searchToolCharsMax } from "../limits.ts";

/** `text`: the long field, cut at `searchMessageCharsMax`. */
export type SearchPartRow = { kind: Part["kind"]; text: string | null; path: string | null };

/** Texts of a message's parts in order, bounded in all. */
export function searchableTexts(parts: readonly SearchPartRow[]): string[] {
  const texts: string[] = [];
  let left = searchMessageCharsMax;
  for (const part of parts) {
    const text = textOf(part).slice(0, left);
    if (text === "") continue;
    texts.push(text);
    left -= text.length;
  }
  return texts;
}

function textOf({ kind, text, path }: SearchPartRow): string {
  switch (kind) {
    case "tool_call":
      return unescaped((text ?? "").slice(0, searchToolCharsMax));
    case "tool_result":
      return (text ?? "").slice(0, searchToolCharsMax);
    case "file":
      return `${path ?? ""}\n${text ?? ""}`;
    default:
      return text ?? "";
  }
}

/** JSON as words: `\n` before a word is no letter of it. The arguments may be cut anywhere, so they are not parsed. */
const unescaped = (json: string): string =>
  json.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, code?: string, one?: string) =>
    code !== undefined ? String.fromCharCode(Number.parseInt(code, 16)) : one === '"' || one === "\\" || one === "/" ? one : " ",
  );
