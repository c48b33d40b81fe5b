import type { OpenSession } from "./sessions.ts";

/** Where the session lives; one that lives nowhere yet goes where `place` says, and stays. */
export function pin(entry: OpenSession, place: () => number): number {
  entry.shard ??= place();
  return entry.shard;
}
