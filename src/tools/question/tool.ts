import { z } from "zod";
import type { Tool } from "../../contracts/tool.ts";
import type { Question, QuestionAnswer } from "../../protocol/index.ts";
import { questionChoicesMax, questionsMax } from "../../protocol/index.ts";
import { list, optionalList, optionalText, text } from "../shared/fields.ts";
import { failure, plural } from "../shared/text.ts";
import description from "./question.md";

/** Crush's: a question is read in a dialog, not in a document. */
const questionCharsMax = 240;
const descriptionCharsMax = 600;
const choiceCharsMax = 200;
const choicesMin = 2;

const choice = z.object({
  id: optionalText("Short name of the choice, which the answer has; its label when missing"),
  label: text(`What the user reads, at most ${choiceCharsMax} characters`),
  description: optionalText(`What it means, at most ${choiceCharsMax} characters`),
});
const question = z.object({
  type: z.enum(["yes_no", "single_choice", "multi_choice", "free_text"]).describe("How it is answered"),
  question: text(`The question, at most ${questionCharsMax} characters`),
  description: optionalText(`What one should know to answer it, at most ${descriptionCharsMax} characters`),
  label: optionalText("One or two words that name it"),
  choices: optionalList(choice, "For the choice types: 2 to 5 choices"),
  options: optionalList(choice, "The same as choices"),
});
const input = z.object({
  questions: list(question, "1 to 5 questions"),
  confirm_title: optionalText("Not needed"),
  confirm_description: optionalText("Not needed"),
});

export const questionTool: Tool<typeof input> = {
  name: "question",
  description,
  input,
  parallel: false,
  intent: (call) => ({ action: "none", title: plural(call.questions.length, "question") }),
  async run(call, { ask }) {
    const questions: Question[] = call.questions.map(({ type, question, description, label, choices, options }) => {
      const given = choices ?? options;
      return {
        kind: type,
        question,
        ...(description !== undefined && { description }),
        ...(label !== undefined && { label }),
        ...(given !== undefined && (type === "single_choice" || type === "multi_choice")
          ? {
              choices: given.map(({ id, label, description }) => ({
                id: id ?? label,
                label,
                ...(description !== undefined && { description }),
              })),
            }
          : {}),
      };
    });
    const wrong = mistake(questions);
    if (wrong !== undefined) return failure(wrong);
    if (ask === undefined)
      return failure("Nobody can be asked here. Decide by yourself what is most sensible, say in your answer what you assumed, and go on.");
    const title = questions.length === 1 ? questions[0]!.question : `${questions.length} questions`;
    const answer = await ask({ action: "question", title, questions });
    if (answer.state === "denied") {
      return answer.message === undefined
        ? { ...failure("The user gave no answer.", { denied: true }), stopTurn: true }
        : failure(`The user did not answer the question and says: ${answer.message}`);
    }
    const answers = answer.answers ?? [];
    return { text: questions.map((one, index) => told(one, answers[index])).join("\n\n"), meta: { answers } };
  },
};

const told = ({ question, choices = [] }: Question, answer: QuestionAnswer | undefined): string => {
  const chosen = (answer?.choices ?? []).map((id) => choices.find((choice) => choice.id === id)?.label ?? id);
  const words = answer?.text?.trim() ?? "";
  return `${question}\n→ ${[...chosen, ...(words === "" ? [] : [`"${words}"`])].join(", ")}`;
};

/** What a model has to mend before anybody is asked. */
function mistake(questions: readonly Question[]): string | undefined {
  if (questions.length === 0 || questions.length > questionsMax)
    return `Ask 1 to ${questionsMax} questions at once, not ${questions.length}.`;
  for (const [index, { kind, question, description = "", choices }] of questions.entries()) {
    const which = `Question ${index + 1}`;
    if (question.trim() === "") return `${which} has no text.`;
    if (question.length > questionCharsMax) return `${which} has ${question.length} characters, at most ${questionCharsMax} are shown.`;
    if (description.length > descriptionCharsMax)
      return `The description of question ${index + 1} has ${description.length} characters, at most ${descriptionCharsMax} are shown.`;
    if (kind !== "single_choice" && kind !== "multi_choice") continue;
    const count = choices?.length ?? 0;
    if (count < choicesMin || count > questionChoicesMax)
      return `${which} needs ${choicesMin} to ${questionChoicesMax} choices, it has ${count}.`;
    if (new Set(choices!.map(({ id }) => id)).size < count) return `Two choices of question ${index + 1} have the same id.`;
    const long = choices!.find(({ label, description = "" }) => label.length > choiceCharsMax || description.length > choiceCharsMax);
    if (long) return `A choice of question ${index + 1} has more than ${choiceCharsMax} characters.`;
  }
  return undefined;
}
