import type { Permission, Question, QuestionAnswer } from "../../protocol/index.ts";
import { answerQuestions, choicesOf, resolvePermission } from "../flow/answers.ts";
import type { PlainApp } from "./app.ts";
import { nameIn } from "../views/paths.ts";
import { readInput, toolLabel } from "../views/transcript/tool-titles.ts";

/** A question as numbered lines. `menu`: asked for by command, so it can be left; `secret`: the answer is not to be shown. `take` gets the line that answers; false: it was none, and the question stands. */
export type Ask = { id: string; lines: string[]; prompt: string; menu?: boolean; secret?: boolean; take: (line: string) => boolean };

const diffLinesMax = 200;

/** The number in a line, if it is one of 1..count. */
export function chosen(line: string, count: number): number | undefined {
  const number = /^\d{1,3}$/.test(line.trim()) ? Number(line.trim()) : 0;
  return number >= 1 && number <= count ? number : undefined;
}

const numbered = (choices: readonly string[]): string[] => choices.map((choice, i) => `${i + 1}. ${choice}`);

/** What the agent waits for: a permission, the approval of a plan, answers to questions. */
export function askFor(app: PlainApp, permission: Permission, next: (ask: Ask) => void): Ask {
  if (permission.questions !== undefined) return askQuestion(app, permission, permission.questions, [], next);
  return permission.action === "plan" ? askPlan(app, permission, next) : askPermission(app, permission, next);
}

function resolve(...answer: Parameters<typeof resolvePermission>): true {
  resolvePermission(...answer);
  return true;
}

function askWords(permission: Permission, about: string, take: (words: string) => boolean): Ask {
  return { id: permission.id, lines: [about], prompt: "Words: ", take };
}

function askPermission(app: PlainApp, permission: Permission, next: (ask: Ask) => void): Ask {
  const { pattern } = permission;
  const input = readInput(permission.input);
  const command = typeof input["command"] === "string" ? input["command"] : undefined;
  const choices: { text: string; take: () => boolean }[] = [
    { text: "Allow once", take: () => resolve(app, permission, "allow", { scope: "once" }) },
    { text: "Allow for this session", take: () => resolve(app, permission, "allow", { scope: "session" }) },
    ...(pattern === undefined
      ? []
      : [{ text: `Always allow ${pattern}, without asking again`, take: () => resolve(app, permission, "allow", { scope: "always" }) }]),
    { text: "Deny", take: () => resolve(app, permission, "deny") },
    {
      text: "Deny, and say what to do instead",
      take: () => {
        next(askWords(permission, "What should the model do instead?", (words) => resolve(app, permission, "deny", { message: words })));
        return true;
      },
    },
  ];
  const diff = permission.diff?.trimEnd().split("\n") ?? [];
  return {
    id: permission.id,
    lines: [
      `Permission asked: ${toolLabel(permission.tool)}, ${permission.action}.`,
      ...(command ?? permission.title).split("\n"),
      ...place(app, permission),
      `Why it is asked: ${permission.why}`,
      ...diff.slice(0, diffLinesMax),
      ...(diff.length > diffLinesMax ? [`and ${diff.length - diffLinesMax} lines more`] : []),
      ...numbered(choices.map(({ text }) => text)),
    ],
    prompt: `Answer 1 to ${choices.length}: `,
    take: (line) => {
      const number = chosen(line, choices.length);
      return number !== undefined && choices[number - 1]!.take();
    },
  };
}

/** Where it happens, unless the title says it; in the workspace as one writes it there. */
function place({ host }: PlainApp, { path, title }: Permission): string[] {
  if (path === undefined || path === host.workspace) return [];
  const name = nameIn(host.workspace, path);
  return title.includes(name) ? [] : [`In ${name}`];
}

function askPlan(app: PlainApp, permission: Permission, next: (ask: Ask) => void): Ask {
  const takes: (() => boolean)[] = [
    () => resolve(app, permission, "allow"),
    () => {
      next(
        askWords(permission, "What should be different?", (words) => words !== "" && resolve(app, permission, "deny", { message: words })),
      );
      return true;
    },
    () => resolve(app, permission, "deny"),
  ];
  return {
    id: permission.id,
    lines: [
      "A plan. Nothing is changed until you approve it.",
      ...String(readInput(permission.input)["plan"] ?? "").split("\n"),
      ...numbered(["Approve it", "Send it back with words", "Stop"]),
    ],
    prompt: "Answer 1 to 3: ",
    take: (line) => {
      const number = chosen(line, takes.length);
      return number !== undefined && takes[number - 1]!();
    },
  };
}

/** One question after the other; the last answer sends all. */
function askQuestion(
  app: PlainApp,
  permission: Permission,
  questions: readonly Question[],
  given: QuestionAnswer[],
  next: (ask: Ask) => void,
): Ask {
  const question = questions[given.length]!;
  const choices = choicesOf(question);
  const several = question.kind === "multi_choice";
  const answer = (one: QuestionAnswer): true => {
    const answers = [...given, one];
    if (answers.length < questions.length) {
      next(askQuestion(app, permission, questions, answers, next));
      return true;
    }
    answerQuestions(app, permission, answers);
    return true;
  };
  const of = questions.length > 1 ? ` ${given.length + 1} of ${questions.length}` : "";
  return {
    id: permission.id,
    lines: [
      `Question${of}: ${question.question}`,
      ...(question.description?.split("\n") ?? []),
      ...numbered(choices.map(({ label, description }) => (description ? `${label}: ${description}` : label))),
      ...(choices.length === 0
        ? ["Type an answer; an empty line declines."]
        : [`Type ${several ? "numbers with blanks between" : "a number"}, or an answer in words; an empty line declines.`]),
    ],
    prompt: "Answer: ",
    take: (line) => {
      const words = line.trim();
      if (words === "") return resolve(app, permission, "deny");
      const numbers = words.split(/[\s,]+/).map((word) => chosen(word, choices.length));
      if (choices.length > 0 && numbers.every((number) => number !== undefined) && (several || numbers.length === 1))
        return answer({ choices: numbers.map((number) => choices[number - 1]!.id) });
      return answer({ text: words });
    },
  };
}
