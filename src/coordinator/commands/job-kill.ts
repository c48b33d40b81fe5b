import { CommandError } from "../../protocol/index.ts";
import type { Command } from "./command.ts";

export const jobKill: Command<"job.kill"> = async (core, { job }) => {
  const killed = await core.options.jobs.kill(job);
  if (killed === undefined) throw new CommandError("not_found", `There is no background job ${job}`);
  return {};
};
