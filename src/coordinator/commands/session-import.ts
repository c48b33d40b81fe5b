import path from "node:path";
import type { ImportedSession } from "../../contracts/time.ts";
import { CommandError } from "../../protocol/index.ts";
import { sessionHash } from "../../store/hash.ts";
import { stageCrush } from "../../store/time/stage.ts";
import { timeParts } from "../versions/travel.ts";
import type { Command } from "./command.ts";

/** A piece of one session a commit, so that others' rows get in between. */
export const sessionImport: Command<"session.import"> = async (core, params, { remember }) => {
  const { workspace, file: name = path.join(workspace, ".crush", "crush.db") } = params;
  const { store } = timeParts(core);
  const sessions: ImportedSession[] = [];
  const notes: string[] = [];
  try {
    const { file, close } = await stageCrush(name);
    try {
      const from = { file, name, workspace };
      const { ids } = await store.importCrush(from);
      for (const session of ids) {
        let first: ImportedSession | undefined;
        for (let more = true; more; ) {
          const piece = await store.importCrush({ ...from, session });
          more = piece.more ?? false;
          notes.push(...piece.notes);
          const [one] = piece.sessions;
          if (one !== undefined) first = { ...(first ?? one), messages: (first?.messages ?? 0) + one.messages };
        }
        if (first !== undefined) sessions.push(first);
      }
    } finally {
      await close();
    }
  } catch (error) {
    if ((error as { code?: unknown }).code === "constraint")
      throw new CommandError("bad_request", (error as Error).message, { cause: error });
    throw error;
  }
  const result = { file: name, sessions: sessions.map((session) => ({ ...session, hash: sessionHash(session.id) })), notes };
  remember(result);
  return result;
};
