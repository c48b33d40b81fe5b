import { z } from "zod";
import type { Tool } from "../../contracts/tool.ts";
import { outputOf } from "../bash/output.ts";
import { text } from "../shared/fields.ts";
import { failure, visible } from "../shared/text.ts";
import description from "./job_kill.md";

const input = z.object({ shell_id: text("The ID of the background job to end") });

export const jobKill: Tool<typeof input> = {
  name: "job_kill",
  description,
  input,
  parallel: false,
  intent: (call) => ({ action: "none", title: `End job ${visible(call.shell_id)}` }),
  async run(call, { jobs }) {
    const known = jobs.get(call.shell_id);
    if (known === undefined) return failure(`There is no background job ${visible(call.shell_id)}.`);
    if (!known.running)
      return { text: `Background job ${known.id} had already ended (exit code ${known.exitCode ?? "unknown"}).`, meta: { job: known.id } };
    const state = (await jobs.kill(known.id)) ?? known;
    const output = outputOf(state);
    return {
      text: `Background job ${known.id} and its children were killed.${output === "" ? "" : `\n\nOutput:\n${output}`}`,
      meta: { job: known.id },
    };
  },
};
