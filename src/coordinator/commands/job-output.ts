import { CommandError, jobOutputCharsMax } from "../../protocol/index.ts";
import { jobText } from "./job-text.ts";
import type { Command } from "./command.ts";
import { jobInfo } from "./job-list.ts";

export const jobOutput: Command<"job.output"> = (core, { job }) => {
  const state = core.options.jobs.get(job);
  if (state === undefined) throw new CommandError("not_found", `There is no background job ${job}`);
  const output = jobText(state);
  return { job: jobInfo(state), output: output.slice(-jobOutputCharsMax), cut: output.length > jobOutputCharsMax };
};
