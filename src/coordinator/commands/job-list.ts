import type { JobState } from "../../contracts/tool.ts";
import type { JobInfo } from "../../protocol/index.ts";
import type { Command } from "./command.ts";

export const jobList: Command<"job.list"> = (core, { session }) => ({
  jobs: core.options.jobs.list(session).map((state) => jobInfo(state, session)),
});

export const jobInfo = ({ id, command, startedAt, running, exitCode, bytes }: JobState, session?: string): JobInfo => ({
  id,
  command,
  startedAt,
  running,
  bytes,
  ...(session !== undefined && { session }),
  ...(exitCode !== undefined && { exitCode }),
});
