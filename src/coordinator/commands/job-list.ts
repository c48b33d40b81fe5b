import type { Command } from "./command.ts";

export const jobList: Command<"job.list"> = (core, { session }) => ({
  jobs: core.options.jobs.list(session).map(({ id, command, startedAt, running, exitCode, bytes }) => ({
    id,
    command,
    startedAt,
    running,
    bytes,
    ...(session !== undefined && { session }),
    ...(exitCode !== undefined && { exitCode }),
  })),
});
