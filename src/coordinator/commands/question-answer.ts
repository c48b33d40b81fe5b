import { CommandError, type Question, type QuestionAnswer } from "../../protocol/index.ts";
import type { Command } from "./command.ts";

/** A wrong answer leaves the question open: only a valid one can be the first. */
export const questionAnswer: Command<"question.answer"> = async (core, { question, answers }, { name }) => {
  const pending = core.desk.pending(question);
  const wrong = pending === undefined ? undefined : mistake(pending.questions, answers);
  if (wrong !== undefined) throw new CommandError("bad_request", wrong);
  return { permission: await core.desk.resolve(question, { decision: "allow", answers, by: name }) };
};

function mistake(questions: readonly Question[] | undefined, answers: readonly QuestionAnswer[]): string | undefined {
  if (questions === undefined) return "This is a permission, not a question: answer it with permission.resolve";
  if (answers.length !== questions.length) return `${questions.length} questions were asked and ${answers.length} answered`;
  for (const [index, { kind, choices = [] }] of questions.entries()) {
    const { choices: chosen = [], text = "" } = answers[index]!;
    const at = `answers[${index}]`;
    if (chosen.length === 0 && text.trim() === "") return `${at} is empty: choose something or say something`;
    const known = kind === "yes_no" ? ["yes", "no"] : choices.map(({ id }) => id);
    const unknown = chosen.find((id) => !known.includes(id));
    if (unknown !== undefined) return `${at}: there is no choice "${unknown}"; there are: ${known.join(", ") || "none, say it in words"}`;
    if (new Set(chosen).size < chosen.length) return `${at} has a choice twice`;
    if (kind !== "multi_choice" && chosen.length > 1) return `${at}: one choice only`;
  }
  return undefined;
}
