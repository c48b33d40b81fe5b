import { newTurn } from "../turn/new-turn.ts";
import type { Command } from "./command.ts";
import { refuseAgent } from "./refuse-agent.ts";
import { requireOpen } from "./require-open.ts";

/** A turn without a prompt: whoever watches sees it run, it can be canceled, and prompts wait for it. */
export const sessionCompact: Command<"session.compact"> = async (core, { session, instructions }, context) => {
  const entry = core.sessions.open(session);
  refuseAgent(entry.session);
  requireOpen(core);
  const turn = newTurn(session, "", core.options.clock.now());
  const order = instructions === undefined ? {} : { instructions };
  const { queued, committed } = entry.turns.add(turn, {}, [], {}, order);
  const result = { turn: turn.id, queued };
  context.remember(result);
  await committed;
  return result;
};
