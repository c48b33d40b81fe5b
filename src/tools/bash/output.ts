import type { JobState } from "../../contracts/tool.ts";
import { plainOutput } from "../shared/text.ts";

/** What a command said, as the model reads it: standard output, then standard error. The job has cut each to a head and a tail. */
export function outputOf(state: JobState): string {
  return [state.stdout, state.stderr]
    .map((stream) => plainOutput(stream).trimEnd())
    .filter((stream) => stream !== "")
    .join("\n");
}
