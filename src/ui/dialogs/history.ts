import { messageText } from "../model/state.ts";
import type { App } from "../app.ts";
import { forkAt, rewindTo } from "../flow/time.ts";
import { ListDialog, type ListItem } from "./list-dialog.ts";

/** The prompts of the session, newest first: rewind to one, or go on from it in a session of its own. */
export function historyDialog(app: App): ListDialog {
  const close = (): void => app.close("history");
  return new ListDialog({
    name: "history",
    title: () => "Go back to a prompt",
    placeholder: "type to filter",
    hint: () => "enter rewinds: undoes it and all after it · ctrl+f forks before it · esc",
    items: () => prompts(app),
    empty: () => "No prompt yet",
    theme: app.theme,
    keys: app.keys,
    width: 90,
    close,
    choose: ({ id }) => {
      close();
      rewindTo(app, id);
    },
    key: (stroke, _, chosen) => {
      if (stroke !== "ctrl+f" || !chosen) return false;
      close();
      forkAt(app, chosen.id);
      return true;
    },
  });
}

function prompts(app: App): ListItem[] {
  const state = app.session;
  if (!state) return [];
  return state.order
    .map((id) => state.messages.get(id)!)
    .filter((message) => message.role === "user" && !(state.turns.get(message.turn)?.undone ?? message.undone))
    .map((message) => ({
      id: message.id,
      label: messageText(message).replace(/\s+/g, " ").slice(0, 200) || "(files)",
      note: new Date(message.createdAt).toTimeString().slice(0, 5),
    }))
    .reverse();
}
