import { randomUUID } from "node:crypto";
import { CommandError, type Session, titleCharsMax } from "../../protocol/index.ts";
import { sessionHash } from "../../store/hash.ts";
import { noUsage } from "../turn/usage.ts";
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
  const fresh = randomUUID();
  const { model, plan } = source;
  // A yes to everything was given to the other session.
  const session: Session = {
    id: fresh,
    hash: sessionHash(fresh),
    title: (title ?? `${source.title} (fork)`).slice(0, titleCharsMax),
    workspace: source.workspace,
    parent: source.id,
    createdAt: now,
    updatedAt: now,
    ...(model !== undefined && { model }),
    ...(plan && { plan }),
    status: "idle",
    messageCount: 0,
    usage: noUsage(),
    contextTokens: 0,
    todos: source.todos,
    head: 0,
    yolo: false,
  };
  const isPrompt = message?.role === "user";
  await store.fork({ session, from, ...(message === undefined ? {} : isPrompt ? { before: message.id } : { upTo: message.id }) });
  const result = { session: requireSession(core, fresh), ...(isPrompt ? promptOf(core, message.id, message.turn) : {}) };
  remember(result);
  return result;
};
