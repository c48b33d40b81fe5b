import { expect, test } from "vitest";
import type { PromptOptions } from "../../src/protocol/index.ts";
import { tools } from "../../src/tools/index.ts";
import { completed, type Harness, harness, results, settle } from "./support/harness.ts";

const asks = [
  {
    type: "single_choice",
    question: "Which database?",
    choices: [
      { id: "pg", label: "PostgreSQL" },
      { id: "lite", label: "SQLite" },
    ],
  },
  { type: "yes_no", question: "Keep the old one?" },
];

async function asked(questions: unknown = asks, options: PromptOptions = {}): Promise<{ h: Harness; session: string }> {
  const h = await harness({ tools });
  const session = await h.session();
  let count = 0;
  h.workers.answer = () =>
    count++ === 0 ? { calls: [{ call: "q", name: "question", input: JSON.stringify({ questions }) }] } : { text: "Good." };
  await h.request("session.prompt", { session, text: "go", options });
  await settle();
  return { h, session };
}

const open = async (h: Harness, session: string) => (await h.request("permission.list", { session })).permissions;
const told = (h: Harness, session: string) => results(h.store, session).get("q")?.[0];

test("questions wait durably, are seen by a client that comes later, and its answers go to the model", async () => {
  const { h, session } = await asked();
  expect(h.store.session(session)?.status).toBe("waiting");
  const { port, peer } = h.connect("drive", "phone");
  await port.request("session.subscribe", { session, after: 0 });
  await settle(5);
  expect(peer.kinds()).toContain("permission.asked");
  const [question] = await open(h, session);
  expect(question).toMatchObject({
    action: "question",
    tool: "question",
    state: "pending",
    questions: [{ kind: "single_choice" }, { kind: "yes_no" }],
  });
  const answers = [{ choices: ["lite"] }, { choices: ["no"], text: "it is broken" }];
  const answer = await port.request("question.answer", { question: question!.id, answers });
  expect(answer.permission).toMatchObject({ state: "allowed", resolvedBy: "phone", answers });
  await settle();
  expect(told(h, session)).toEqual({ text: 'Which database?\n→ SQLite\n\nKeep the old one?\n→ no, "it is broken"', isError: false });
  expect(completed(h.store, session)[0]?.data.turn.status).toBe("ok");
});

test("an answer that does not fit is refused with what is wrong, and the question stays open for a valid one, which is the only one", async () => {
  const { h, session } = await asked();
  const [question] = await open(h, session);
  const answer = (answers: { choices?: string[]; text?: string }[]) => h.request("question.answer", { question: question!.id, answers });
  await expect(answer([{ choices: ["lite"] }])).rejects.toMatchObject({ code: "bad_request" });
  await expect(answer([{ choices: ["mysql"] }, { choices: ["no"] }])).rejects.toThrow('there is no choice "mysql"; there are: pg, lite');
  await expect(answer([{ choices: ["pg", "lite"] }, { choices: ["no"] }])).rejects.toThrow("one choice only");
  await expect(answer([{ text: "  " }, { choices: ["no"] }])).rejects.toThrow("is empty");
  await expect(h.request("permission.resolve", { permission: question!.id, decision: "allow" })).rejects.toThrow("question.answer");
  expect(await open(h, session)).toHaveLength(1);
  await answer([{ text: "neither" }, { choices: ["yes"] }]);
  await expect(answer([{ choices: ["pg"] }, { choices: ["no"] }])).rejects.toMatchObject({ code: "already_resolved" });
  await settle();
  expect(told(h, session)?.text).toContain('→ "neither"');
});

test("no answer ends the turn, words instead of one go on with it", async () => {
  const silent = await asked();
  await silent.h.request("permission.resolve", { permission: (await open(silent.h, silent.session))[0]!.id, decision: "deny" });
  await settle();
  expect(told(silent.h, silent.session)).toEqual({ text: "The user gave no answer.", isError: true });
  expect(completed(silent.h.store, silent.session)[0]?.data.turn).toMatchObject({ status: "ok", completions: 1 });

  const words = await asked();
  const [question] = await open(words.h, words.session);
  await words.h.request("permission.resolve", { permission: question!.id, decision: "deny", message: "you decide" });
  await settle();
  expect(told(words.h, words.session)?.text).toContain("you decide");
  expect(completed(words.h.store, words.session)[0]?.data.turn.completions).toBe(2);
});

test("headless nobody is asked, and the model is told to decide by itself", async () => {
  const { h, session } = await asked(asks, { headless: true });
  expect(told(h, session)?.text).toContain("Nobody can be asked here");
  expect(completed(h.store, session)[0]?.data.turn).toMatchObject({ status: "ok", completions: 2 });
  expect(h.peer.kinds()).not.toContain("permission.asked");
});

test("a cancel closes the question with its turn", async () => {
  const { h, session } = await asked();
  const [question] = await open(h, session);
  await h.request("session.cancel", { session });
  expect(h.store.permission(question!.id)).toMatchObject({ state: "denied", resolvedBy: "cancel" });
});

test("mistakes of the model are told to it before anybody is asked; questions written as text are read", async () => {
  const one = await asked([{ type: "single_choice", question: "Which?", choices: [{ label: "only" }] }]);
  expect(told(one.h, one.session)).toEqual({ text: "Question 1 needs 2 to 5 choices, it has 1.", isError: true });
  const many = await asked(Array.from({ length: 6 }, () => ({ type: "yes_no", question: "Well?" })));
  expect(told(many.h, many.session)?.text).toContain("Ask 1 to 5 questions");
  const text = await asked(JSON.stringify([{ type: "multi_choice", question: "Which?", options: [{ label: "a" }, { label: "b" }] }]));
  expect((await open(text.h, text.session))[0]?.questions).toEqual([
    {
      kind: "multi_choice",
      question: "Which?",
      choices: [
        { id: "a", label: "a" },
        { id: "b", label: "b" },
      ],
    },
  ]);
});
