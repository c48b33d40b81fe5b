import { stripVTControlCharacters } from "node:util";
import type { JobState } from "../../contracts/tool.ts";

/** What a job has printed, as plain text: standard output, then standard error; of a line that was redrawn its last state. */
export function jobText({ stdout, stderr }: JobState): string {
  return [stdout, stderr]
    .map((stream) =>
      stripVTControlCharacters(stream)
        .replace(/\r+\n/g, "\n")
        .replace(/[^\n]*\r(?=[^\n])/g, "")
        .trimEnd(),
    )
    .filter((stream) => stream !== "")
    .join("\n");
}
