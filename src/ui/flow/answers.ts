import type { Permission, PermissionScope, Question, QuestionAnswer } from "../../protocol/index.ts";
import type { App } from "../app.ts";

export type Choice = { id: string; label: string; description?: string };

const yesNo: readonly Choice[] = [
  { id: "yes", label: "Yes" },
  { id: "no", label: "No" },
];
export const choicesOf = (question: Question): readonly Choice[] => (question.kind === "yes_no" ? yesNo : (question.choices ?? []));

/** Answers what waits for a yes. `message`: what the model is told with a no; an empty one is none. */
export function resolvePermission(
  app: App,
  permission: Permission,
  decision: "allow" | "deny",
  { scope, message }: { scope?: PermissionScope; message?: string } = {},
): void {
  take(app, permission);
  app.host
    .request("permission.resolve", { permission: permission.id, decision, ...(scope ? { scope } : {}), ...(message ? { message } : {}) })
    .catch((error: unknown) => late(app, error));
}

/** Answers all questions of one asking, in their order. */
export function answerQuestions(app: App, permission: Permission, answers: QuestionAnswer[]): void {
  take(app, permission);
  app.host.request("question.answer", { question: permission.id, answers }).catch((error: unknown) => late(app, error));
}

/** The answer goes out: the question is not shown any more, whatever the events say until then. */
function take(app: App, { id }: Permission): void {
  const { session } = app;
  if (session) {
    session.permissions.delete(id);
    session.answered.add(id);
    session.structure++;
  }
  app.syncPermission();
}

/** An answer that failed. That somebody else was first is no failure. */
function late(app: App, error: unknown): void {
  if ((error as { code?: string }).code !== "already_resolved") app.fail(error);
}
