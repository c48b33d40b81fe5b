import type { App } from "../app.ts";
import type { Line } from "../layout/line.ts";
import { indented } from "../layout/line.ts";
import { plainOutput } from "../layout/plain-output.ts";
import { messageText, queuedTurns } from "../model/state.ts";
import { pillLines } from "./editor-view.ts";
import { todoLines, todoSummary } from "./todos.ts";

const queuedShown = 3;
const todosShown = 10;
/** Of what a command of the user's prints so much is shown while it runs. */
const shellRows = 4;

/** Rows between transcript and editor: prompts that wait, and the to-do list or its summary. */
export function pills(app: App, columns: number): Line[] {
  const state = app.session;
  if (!state) return [];
  const queued = queuedTurns(state);
  const rows = queued.slice(0, queuedShown).map((turn) => {
    const message = state.messages.get(turn.message);
    return { mark: "queued", text: message ? messageText(message, " ").slice(0, 400) : "" };
  });
  if (queued.length > queuedShown) rows.push({ mark: "queued", text: `and ${queued.length - queuedShown} more` });
  for (const [message, { command }] of app.shells) {
    const tail = plainOutput(state.calls.get(message)?.progress?.tail ?? "").trimEnd();
    rows.push({ mark: "shell", text: `! ${command}  (esc esc ends it)` });
    if (tail !== "")
      rows.push(
        ...tail
          .split("\n")
          .slice(-shellRows)
          .map((text) => ({ mark: "  ", text })),
      );
  }
  const todos = state.session?.todos ?? [];
  if (app.todosOpen && todos.length > 0) {
    return [
      ...todoLines(todos, Math.max(1, columns - 2), app.theme)
        .slice(0, todosShown)
        .map((each) => indented(1, each)),
      ...pillLines(app, columns, rows),
    ];
  }
  const summary = todoSummary(todos);
  return pillLines(app, columns, summary === "" ? rows : [{ mark: "to-do", text: `${summary}  (ctrl+t)` }, ...rows]);
}
