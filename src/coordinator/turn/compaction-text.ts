// What the model reads in place of the messages that a compaction replaces.
import type { CompactionPlan } from "../../contracts/compaction.ts";
import type { Todo } from "../../protocol/index.ts";

const list = (title: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : [`## ${title}\n\n${lines.join("\n")}`]);
const quoted = (text: string): string => text.trim().replace(/^/gm, "> ");

/** The model's summary, and beside it what must not depend on how well it summarizes. */
export function summaryText(
  summary: string,
  { prompts, filesRead, filesChanged }: Pick<CompactionPlan, "prompts" | "filesRead" | "filesChanged">,
  todos: readonly Todo[],
): string {
  return [
    "The earlier part of this conversation was replaced by this summary to make room. What follows it is the conversation as it was. Go on from there; read files again before you change them.",
    summary.trim(),
    ...list(
      "The user's last prompts in that part, word by word, oldest first",
      [prompts.map(quoted).join("\n\n")].filter((text) => text !== ""),
    ),
    ...list(
      "To-dos",
      todos.map(
        ({ status, content }) => `- [${status === "completed" ? "x" : " "}] ${content}${status === "in_progress" ? " (in progress)" : ""}`,
      ),
    ),
    ...list(
      "Files changed",
      filesChanged.map((path) => `- ${path}`),
    ),
    ...list(
      "Files read",
      filesRead.filter((path) => !filesChanged.includes(path)).map((path) => `- ${path}`),
    ),
  ].join("\n\n");
}
