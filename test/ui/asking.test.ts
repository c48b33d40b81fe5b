import { expect, test } from "vitest";
import { permission, Stage, turn } from "./support.ts";

const plan = (text: string) =>
  permission({ tool: "present_plan", action: "plan", title: "A plan to approve", input: JSON.stringify({ plan: text }) });
const questions = permission({
  tool: "question",
  action: "question",
  title: "2 questions",
  questions: [
    {
      kind: "single_choice",
      question: "Which database?",
      choices: [
        { id: "pg", label: "PostgreSQL", description: "a server" },
        { id: "lite", label: "SQLite" },
      ],
    },
    {
      kind: "multi_choice",
      question: "What else?",
      choices: [
        { id: "t", label: "Tests" },
        { id: "d", label: "Documents" },
      ],
    },
  ],
});

async function asked(what = questions): Promise<Stage> {
  const stage = new Stage({ session: "s1", rows: 30, replies: { "question.answer": () => ({ permission: what }) } });
  await stage.settle();
  stage.event({ kind: "turn.started", data: { turn: turn("t1", "running") } });
  stage.event({ kind: "permission.asked", data: { permission: what } });
  return stage;
}

test("questions are answered one after the other by arrow, number and space, looked at and sent", async () => {
  const stage = await asked();
  expect(stage.paint()).toContain("The agent asks, 1 of 2");
  expect(stage.paint()).toContain("a server");
  expect(await stage.type("\x1b[B\r")).toContain("What else?");
  await stage.type(" ");
  expect(await stage.type("2")).toContain("[x] Documents");
  const look = await stage.type("\r");
  expect(look).toContain("→ SQLite");
  expect(look).toContain("→ Tests, Documents");
  await stage.type("\r");
  expect(stage.host.of("question.answer")).toEqual([{ question: "p1", answers: [{ choices: ["lite"] }, { choices: ["t", "d"] }] }]);
  expect(stage.paint()).not.toContain("Your answers");
});

test("any question can be answered in words; escape leads back, and at the choices gives no answer", async () => {
  const stage = await asked({ ...questions, questions: [questions.questions![0]!] });
  await stage.type("3neither of them");
  await stage.type("\x1b");
  await stage.host.pass(50);
  expect(await stage.settle()).toContain("In words: neither of them");
  await stage.type("\r\r");
  expect(stage.host.of("question.answer")).toEqual([{ question: "p1", answers: [{ text: "neither of them" }] }]);

  const other = await asked();
  await other.type("\x1b");
  await other.host.pass(50);
  await other.settle();
  expect(other.host.of("permission.resolve")).toEqual([{ permission: "p1", decision: "deny" }]);
});

test("a plan is shown as Markdown; a approves it, m sends it back with words", async () => {
  const stage = await asked(plan("# Steps\n\n- change **a.ts**"));
  const screen = stage.paint();
  expect(screen).toContain("• change a.ts");
  expect(screen).toContain("nothing is changed until you approve it");
  await stage.type("a");
  expect(stage.host.of("permission.resolve")).toEqual([{ permission: "p1", decision: "allow" }]);

  const other = await asked(plan("all of it"));
  await other.type("msmaller steps\r");
  expect(other.host.of("permission.resolve")).toEqual([{ permission: "p1", decision: "deny", message: "smaller steps" }]);
});

test("shift+tab switches plan mode for the session, and before there is one for the next", async () => {
  const stage = new Stage({ rows: 30 });
  await stage.settle();
  expect(await stage.type("\x1b[Z")).toContain("plan mode: nothing is changed");
  await stage.type("hello\r");
  expect(stage.host.of("session.create")).toEqual([{ workspace: "/home/me/project", plan: true }]);
});
