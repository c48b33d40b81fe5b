import type { App } from "../app.ts";
import { applyPage } from "../model/reducer.ts";
import type { SessionState } from "../model/state.ts";

const pageMessages = 200;
/** Pages that are read to reach a message: 10,000 messages. What is older is in `crush session show`. */
const pagesMax = 50;

/** The first page of a session is there: reads back to the message that is wanted, and goes there. */
export async function goToJump(app: App): Promise<void> {
  const { jump, session: state, epoch, transcript } = app;
  if (jump === undefined || state === undefined || jump.session !== state.id) return;
  app.jump = undefined;
  if (app.inline) {
    // What has gone to the terminal's scrollback cannot be moved.
    app.say(`Found in this session; all of it: crush session show ${state.session?.hash.slice(0, 7) ?? state.id}`);
    return;
  }
  transcript.sync(state);
  // Else the window would be cut at its old end with each frame.
  if (transcript.blocks[0]) transcript.restore({ follow: false, top: { key: transcript.blocks[0].key, line: 0 }, expanded: [] });
  try {
    for (let page = 0; page < pagesMax && !state.messages.has(jump.message) && state.more; page++) {
      const before = state.order[0];
      if (before === undefined) break;
      const { messages, more } = await app.host.request("session.messages", { session: state.id, before, limit: pageMessages, cut: true });
      if (app.epoch !== epoch || app.closed) return;
      applyPage(state, messages, more, true);
    }
  } catch (error) {
    app.fail(error);
    return;
  }
  transcript.sync(state);
  const key = blockOf(app, state, jump.message);
  if (key === undefined) {
    transcript.toEnd();
    app.say("The message is too far back to be shown here", "error");
  } else {
    transcript.restore({ follow: false, top: { key, line: 0 }, expanded: [] });
    transcript.selected = key;
    app.focus = "chat";
  }
  app.host.invalidate();
}

/** A result is shown with its call, an undone message with its turn. */
function blockOf({ transcript }: App, state: SessionState, id: string): string | undefined {
  const message = state.messages.get(id);
  if (message === undefined) return undefined;
  const calls = new Set(message.parts.flatMap(({ done }) => (done?.kind === "tool_result" ? [done.call] : [])));
  const caller = [...state.messages.values()]
    .flatMap(({ parts }) => parts)
    .find((part) => part.kind === "tool_call" && part.call !== undefined && calls.has(part.call));
  const { blocks } = transcript;
  return (
    blocks.find((block) => block.key === caller?.id)?.key ??
    blocks.find((block) => block.message === id)?.key ??
    blocks.find((block) => block.key === `${message.turn} undone`)?.key
  );
}
