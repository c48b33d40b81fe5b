import { z } from "zod";
import type { Tool } from "../../contracts/tool.ts";
import { text } from "../shared/fields.ts";
import { failure } from "../shared/text.ts";
import description from "./present_plan.md";

const input = z.object({ plan: text("The plan, as Markdown") });

export const presentPlan: Tool<typeof input> = {
  name: "present_plan",
  description,
  input,
  parallel: false,
  offered: "plan",
  intent: () => ({ action: "none", title: "Plan" }),
  async run({ plan }, { ask }) {
    if (plan.trim() === "") return failure("The plan is empty.");
    if (ask === undefined) return failure("Nobody can approve a plan here. Give the plan as your answer, and stop.");
    const meta = { plan };
    const answer = await ask({ action: "plan", title: "A plan to approve" });
    if (answer.state === "allowed")
      return { text: "The user approved the plan. Plan mode is off: carry it out now.", meta: { ...meta, approved: true } };
    if (answer.message !== undefined)
      return {
        ...failure(
          `The user sent the plan back and says: ${answer.message}\nPlan mode stays on: change the plan and present it again.`,
          meta,
        ),
      };
    return { ...failure("The user did not approve the plan. Plan mode stays on.", { ...meta, denied: true }), stopTurn: true };
  },
};
