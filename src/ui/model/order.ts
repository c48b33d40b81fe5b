import type { MessageState, SessionState } from "./state.ts";

/** Messages held while the end of the transcript is shown. Older ones are paged in again when somebody scrolls up. */
export const windowMessagesMax = 400;
/** Messages asked for at once. */
export const pageMessages = 60;

/**
 * Messages of one turn stay together: a prompt that was queued while another turn ran comes after that turn's answers, though it
 * was stored before them. `older`: the message belongs before all that is known.
 */
export function insertMessage(state: SessionState, message: MessageState, older: boolean): void {
  state.messages.set(message.id, message);
  if (older) {
    state.order.unshift(message.id);
    return;
  }
  if (message.turn !== "") {
    for (let i = state.order.length - 1; i >= 0; i--) {
      if (state.messages.get(state.order[i]!)!.turn === message.turn) {
        state.order.splice(i + 1, 0, message.id);
        return;
      }
    }
  }
  state.order.push(message.id);
}

/** True for a prompt that waits for its turn: it is shown as queued, not in the transcript. */
export function isQueued(state: SessionState, message: MessageState): boolean {
  return message.role === "user" && state.turns.get(message.turn)?.status === "queued";
}

/** Drops the oldest messages beyond the window. Only called while the end is shown. Answers whether something went. */
export function trimWindow(state: SessionState): boolean {
  const drop = state.order.length - windowMessagesMax;
  if (drop <= 0) return false;
  for (const id of state.order.splice(0, drop)) {
    for (const part of state.messages.get(id)!.parts) if (part.call !== undefined) state.calls.delete(part.call);
    state.messages.delete(id);
  }
  state.more = true;
  state.structure++;
  return true;
}
