import { z } from "zod";
import type { Tool } from "../../contracts/tool.ts";
import { list, optionalText, text } from "../shared/fields.ts";
import { failure, plural } from "../shared/text.ts";
import description from "./todos.md";

const todosMax = 200;

const todo = z.object({
  content: text("What is to be done, e.g. Run the tests"),
  status: z.enum(["pending", "in_progress", "completed"]).describe("pending, in_progress or completed"),
  active_form: optionalText("The same as it is being done, e.g. Running the tests"),
});
const input = z.object({ todos: list(todo, "The whole list, which replaces the one before") });

export const todos: Tool<typeof input> = {
  name: "todos",
  description,
  input,
  parallel: false,
  intent: (call) => ({ action: "none", title: `${plural(call.todos.length, "todo")}` }),
  run(call) {
    if (call.todos.length > todosMax)
      return Promise.resolve(failure(`A list may have ${todosMax} entries, this one has ${call.todos.length}. Put small steps together.`));
    if (call.todos.some((one) => one.content.trim() === "")) return Promise.resolve(failure("Each entry needs a content."));
    const count = (status: string) => call.todos.filter((one) => one.status === status).length;
    const current = call.todos.filter((one) => one.status === "in_progress").map((one) => one.active_form ?? one.content);
    const lines = [
      `The list was updated: ${count("completed")} completed, ${count("in_progress")} in progress, ${count("pending")} pending.`,
      ...(current.length > 1
        ? ["More than one entry is in progress; keep it to the one that you work on."]
        : current.map((now) => `Now: ${now}`)),
    ];
    return Promise.resolve({
      text: lines.join("\n"),
      meta: { todos: call.todos.map((one) => ({ content: one.content, status: one.status, activeForm: one.active_form ?? one.content })) },
    });
  },
};
