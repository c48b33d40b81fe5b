import type { Turn } from "../../protocol/index.ts";
import type { TimeParts } from "../options.ts";

/** Tools whose effects no version tells of. What is missing here writes through the versions, or changes no file. */
const effects: { readonly [tool: string]: (count: number) => string } = {
  bash: (count) =>
    `${count} shell command${count > 1 ? "s" : ""} ran: what they changed is taken back only in files that the agent's tools had written before, in the same turn`,
  download: (count) => `${count} download${count > 1 ? "s" : ""}: what was saved is not removed`,
};

/** What an undo of these turns does not cover, for a person. */
export function lacks(turns: readonly Turn[], { queries }: TimeParts): string[] {
  const counts = new Map<string, number>();
  for (const { id, session } of turns) for (const { name } of queries.turnCalls(session, id)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.entries(effects).flatMap(([tool, words]) => (counts.has(tool) ? [words(counts.get(tool)!)] : []));
}
