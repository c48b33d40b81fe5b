import type { Todo } from "../../protocol/index.ts";
import type { Line } from "../layout/line.ts";
import { wrap } from "../layout/wrap.ts";
import type { Theme } from "../theme/index.ts";

/** A to-do list: done, doing, to do. */
export function todoLines(todos: readonly Todo[], width: number, theme: Theme): Line[] {
  return todos.flatMap((todo) => {
    const look =
      todo.status === "completed"
        ? { mark: "✓ ", style: theme.faint }
        : todo.status === "in_progress"
          ? { mark: "→ ", style: theme.primary }
          : { mark: "○ ", style: theme.muted };
    const text = todo.status === "in_progress" ? todo.activeForm || todo.content : todo.content;
    return wrap([{ text: look.mark + text, style: look.style }], width);
  });
}

/** "2/5 Writing tests" for a status row; empty without open items. */
export function todoSummary(todos: readonly Todo[]): string {
  const done = todos.filter((todo) => todo.status === "completed").length;
  const now = todos.find((todo) => todo.status === "in_progress");
  if (todos.length === 0 || done === todos.length) return "";
  return `${done}/${todos.length} ${now ? now.activeForm || now.content : ""}`.trimEnd();
}
