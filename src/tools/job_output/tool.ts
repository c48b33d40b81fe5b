import { z } from "zod";
import type { Tool } from "../../contracts/tool.ts";
import { outputOf } from "../bash/output.ts";
import { flag, text } from "../shared/fields.ts";
import { failure, visible } from "../shared/text.ts";
import description from "./job_output.md";

const input = z.object({
  shell_id: text("The ID of the background job to read"),
  wait: flag("If true, wait until the job has ended; if false, answer at once with what there is"),
});

export const jobOutput: Tool<typeof input> = {
  name: "job_output",
  description,
  input,
  parallel: false,
  intent: (call) => ({ action: "none", title: `Output of job ${visible(call.shell_id)}` }),
  async run(call, { jobs, signal, session }) {
    const known = jobs.get(call.shell_id);
    if (known === undefined) {
      const ids = jobs.list(session).map((job) => job.id);
      return failure(
        `There is no background job ${visible(call.shell_id)}.${ids.length === 0 ? "" : ` Jobs of this session: ${ids.join(", ")}.`}`,
      );
    }
    const state = call.wait && known.running && !known.lingering ? await jobs.wait(known.id, signal) : known;
    signal.throwIfAborted();
    const output = outputOf(state);
    const status = state.lingering
      ? `shell ended (exit code ${state.exitCode}), its children still run`
      : state.running
        ? "running"
        : `completed (exit code ${state.exitCode ?? "unknown"})`;
    return {
      text: `Status: ${status}\n\n${output === "" ? "no output" : output}`,
      meta: { job: state.id, ...(state.exitCode !== undefined && { exitCode: state.exitCode }) },
    };
  },
};
