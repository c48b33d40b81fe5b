import { stripVTControlCharacters } from "node:util";
import type { ToolResult } from "../../contracts/tool.ts";

export const failure = (text: string, meta?: ToolResult["meta"]): ToolResult => ({ text, isError: true, ...(meta && { meta }) });

/** C0, C1, and the characters that turn or hide what stands around them. */
const invisible = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** One line in which nothing is hidden: control and direction characters are written out. For names and titles. */
export function visible(text: string): string {
  return text.replace(invisible, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\t") return "\\t";
    if (character === "\r") return "\\r";
    return `\\u{${character.charCodeAt(0).toString(16)}}`;
  });
}

/** Output of a program as a model reads it: no escape sequences, and of a line that was redrawn with carriage returns its last state. */
export function plainOutput(output: string): string {
  const plain = output.includes("\u001b") || output.includes("\u009b") ? stripVTControlCharacters(output) : output;
  if (!plain.includes("\r")) return plain;
  return plain.replace(/\r+\n/g, "\n").replace(/[^\n]*\r(?=[^\n])/g, "");
}

/** At most `max` UTF-16 units, not ending inside of a surrogate pair. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = (text.charCodeAt(max - 1) & 0xfc00) === 0xd800 ? max - 1 : max;
  return text.slice(0, end);
}

export const plural = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;
