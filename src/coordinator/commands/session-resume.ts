import { CommandError } from "../../protocol/index.ts";
import { resultMessage } from "../turn/messages.ts";
import { unansweredCalls } from "../turn/recovery.ts";
import { newTurn } from "../turn/new-turn.ts";
import type { Command } from "./command.ts";
import { refuseAgent } from "./refuse-agent.ts";
import { requireOpen } from "./require-open.ts";

/** The last step of a turn is searched for calls without a result. */
const searched = 250;

export const sessionResume: Command<"session.resume"> = async (core, { session, options = {} }, context) => {
  const { clock, queries } = core.options;
  const entry = core.sessions.open(session);
  refuseAgent(entry.session);
  requireOpen(core);
  if (entry.turns.busy) throw new CommandError("conflict", `A turn of session ${entry.session.hash.slice(0, 7)} is running already`);
  const [last] = queries.turns(session, 1);
  if (last === undefined) throw new CommandError("not_found", "There is no turn to resume in this session");
  if (last.undone) throw new CommandError("conflict", "The last turn of this session was undone; redo it first, or send a prompt");
  if (last.status === "ok") throw new CommandError("conflict", "The last turn of this session is complete; send a prompt instead");
  const turn = newTurn(session, last.message, clock.now());
  const missing = unansweredCalls(queries.messages(session, { limit: searched }).messages).map((call) =>
    resultMessage(call, { text: "The call was interrupted before it was finished. It may have had effects.", isError: true }, clock),
  );
  const change = { messageCount: entry.session.messageCount + missing.length };
  // One without a prompt was a compaction: it is done again.
  const { committed } = entry.turns.add(turn, options, missing, change, last.message === "" ? {} : undefined);
  const result = { turn: turn.id };
  context.remember(result);
  await committed;
  return result;
};
