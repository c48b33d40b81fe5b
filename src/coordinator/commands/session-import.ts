import path from "node:path";
import type { ImportedSession } from "../../contracts/time.ts";
import { CommandError } from "../../protocol/index.ts";
import { sessionHash } from "../../store/hash.ts";
import { timeParts } from "../versions/travel.ts";
import type { Command } from "./command.ts";

/** One session a commit, so that others' rows get in between. */
export const sessionImport: Command<"session.import"> = async (
  core,
  { workspace, file = path.join(workspace, ".crush", "crush.db") },
  { remember },
) => {
  const { store } = timeParts(core);
  const sessions: ImportedSession[] = [];
  const notes: string[] = [];
  try {
    const { ids } = await store.importCrush({ file, workspace });
    for (const session of ids) {
      const one = await store.importCrush({ file, workspace, session });
      sessions.push(...one.sessions);
      notes.push(...one.notes);
    }
  } catch (error) {
    if ((error as { code?: unknown }).code === "constraint")
      throw new CommandError("bad_request", (error as Error).message, { cause: error });
    throw error;
  }
  const result = { file, sessions: sessions.map((session) => ({ ...session, hash: sessionHash(session.id) })), notes };
  remember(result);
  return result;
};
