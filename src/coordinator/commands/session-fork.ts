import { CommandError, titleCharsMax } from "../../protocol/index.ts";
import { newSession } from "../registry/new-session.ts";
import { promptOf } from "../versions/prompt-of.ts";
import { timeParts } from "../versions/travel.ts";
import type { Command } from "./command.ts";
import { requireSession } from "./require-session.ts";

export const sessionFork: Command<"session.fork"> = async (core, { session: from, message: id, title }, { remember }) => {
  const { store } = timeParts(core);
  const { clock, queries } = core.options;
  const source = requireSession(core, from);
  const message = id === undefined ? undefined : queries.message(id);
  if (id !== undefined && message?.session !== from) throw new CommandError("not_found", `There is no message ${id} in this session`);
  const now = clock.now();
  const { model, plan } = source;
  // A yes to everything was given to the other session.
  const session = newSession(
    {
      title: (title ?? `${source.title} (fork)`).slice(0, titleCharsMax),
      workspace: source.workspace,
      parent: source.id,
      ...(model !== undefined && { model }),
      ...(plan && { plan }),
      todos: source.todos,
    },
    now,
  );
  const isPrompt = message?.role === "user";
  await store.fork({ session, from, ...(message === undefined ? {} : isPrompt ? { before: message.id } : { upTo: message.id }) });
  const result = { session: requireSession(core, session.id), ...(isPrompt ? promptOf(core, message.id, message.turn) : {}) };
  remember(result);
  return result;
};
