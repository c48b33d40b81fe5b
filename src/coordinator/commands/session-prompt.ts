import { randomUUID } from "node:crypto";
import { CommandError, type Part, promptBytesMax, type Session } from "../../protocol/index.ts";
import { promptMessage } from "../turn/messages.ts";
import { newTurn } from "../turn/new-turn.ts";
import { improveTitle, promptTitle } from "../turn/title.ts";
import type { Command } from "./command.ts";
import { refuseAgent } from "./refuse-agent.ts";
import { readPromptFiles } from "./prompt-files.ts";
import { requireOpen } from "./require-open.ts";

/** Prompts of one session that may wait. */
const queuedMax = 100;

export const sessionPrompt: Command<"session.prompt"> = async (core, params, context) => {
  const { clock } = core.options;
  const { text, options = {} } = params;
  if (text.trim() === "" && (params.files?.length ?? 0) === 0) throw new CommandError("bad_request", "The prompt is empty");
  if (Buffer.byteLength(text) > promptBytesMax)
    throw new CommandError(
      "limit",
      `The prompt has ${Buffer.byteLength(text)} bytes, at most ${promptBytesMax} are taken; put the text into a file and name it`,
    );
  const entry = core.sessions.open(params.session);
  refuseAgent(entry.session);
  core.workspaces.setEnv(entry.session.workspace, params.env);
  const files = await readPromptFiles(core, entry, params.files ?? [], context.scope);
  // From here to the commit nothing is awaited: who is first runs, the others are queued.
  requireOpen(core);
  if (entry.turns.waiting >= queuedMax) throw new CommandError("limit", `${queuedMax} prompts wait in this session already`);
  const turn = newTurn(entry.id, randomUUID(), clock.now());
  const parts: Part[] = [...(text === "" ? [] : [{ id: randomUUID(), index: 0, kind: "text" as const, text }]), ...files];
  const message = promptMessage(
    turn,
    parts.map((part, index) => ({ ...part, index })),
  );
  if (params.steer) {
    const running = entry.turns.running;
    const steered = running?.steer(message);
    if (running !== undefined && steered !== undefined) {
      const result = { turn: running.turn.id, message: message.id, queued: false, steered: true };
      context.remember(result);
      await steered;
      return result;
    }
  }
  const first = entry.session.title === "";
  const change: Partial<Session> = { messageCount: entry.session.messageCount + 1, ...(first && { title: promptTitle(text) }) };
  const { queued, committed } = entry.turns.add(turn, options, [{ kind: "message.created", data: { message } }], change);
  const result = { turn: turn.id, message: message.id, queued };
  context.remember(result);
  // Not before the first answer: a local server with one slot would name the session first and answer later.
  if (first && !options.headless) entry.onAnswer = () => void improveTitle(entry, text, core.turns);
  await committed;
  return result;
};
