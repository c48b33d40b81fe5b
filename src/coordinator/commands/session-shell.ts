import { randomUUID } from "node:crypto";
import { CommandError, type Message, shellOutputMime } from "../../protocol/index.ts";
import { jobText } from "./job-text.ts";
import type { Core } from "../core.ts";
import type { OpenSession } from "../registry/sessions.ts";
import { sessionUpdate } from "../registry/update.ts";
import type { JobState } from "../../contracts/tool.ts";
import type { Command } from "./command.ts";
import { outsideTurn } from "./outside-turn.ts";
import { refuseAgent } from "./refuse-agent.ts";
import { requireOpen } from "./require-open.ts";

/** The user's own command, without the model: it is not asked about, and what it prints stands in the conversation for the next prompt. */
export const sessionShell: Command<"session.shell"> = async (core, { session, command, env }, { remember }) => {
  if (command.trim() === "") throw new CommandError("bad_request", "The command is empty");
  const entry = core.sessions.open(session);
  refuseAgent(entry.session);
  const { workspace } = entry.session;
  core.workspaces.setEnv(workspace, env);
  const { jobs } = await outsideTurn(core, entry);
  requireOpen(core);
  const message = randomUUID();
  const began = core.options.clock.now();
  const job = jobs.start({
    command: inUsersShell(command, core.workspaces.env(workspace)["SHELL"]),
    title: command,
    cwd: workspace,
    session,
    onOutput: (tail, bytes) =>
      core.turns.progress.put({ type: "progress", session, call: message, tail, bytes, ms: core.options.clock.now() - began }),
  });
  const result = { message, job: job.id };
  remember(result);
  void jobs
    .wait(job.id, new AbortController().signal)
    .then((ended) => tell(core, entry, message, command, ended, began))
    .catch((error: unknown) => core.options.log.error("the output of a shell command was lost", { session, error: String(error) }));
  return result;
};

/** Jobs run in bash; whose shell is another one gets it from there. */
function inUsersShell(command: string, shell: string | undefined): string {
  if (!shell?.startsWith("/") || /\/(ba)?sh$/.test(shell)) return command;
  const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  return `exec ${quoted(shell)} -c ${quoted(command)}`;
}

/** One message when it has ended: the command, how it ended, what it printed (bounded by the job table: head and tail). */
async function tell(core: Core, entry: OpenSession, id: string, command: string, ended: JobState, began: number): Promise<void> {
  const { clock } = core.options;
  core.turns.progress.drop(id);
  const output = jobText(ended);
  const how = ended.exitCode === undefined ? "was ended" : `exit code ${ended.exitCode}`;
  const text = `$ ${command}\n(run by the user in the shell: ${how})`;
  const message: Message = {
    id,
    session: entry.id,
    // Of no turn: it goes with the next prompt, and none that runs is changed by it.
    turn: randomUUID(),
    role: "user",
    createdAt: began,
    finishedAt: clock.now(),
    parts: [
      { id: randomUUID(), index: 0, kind: "text", text },
      {
        id: randomUUID(),
        index: 1,
        kind: "file",
        path: "output",
        mime: shellOutputMime,
        bytes: ended.bytes,
        text: output === "" ? "(no output)" : output,
      },
    ],
  };
  await core.hub.commit(entry.id, [
    { kind: "message.created", data: { message } },
    sessionUpdate(entry, { messageCount: entry.session.messageCount + 1 }, clock),
  ]);
}
