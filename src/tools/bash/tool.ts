import { z } from "zod";
import type { JobState, Tool, ToolResult } from "../../contracts/tool.ts";
import { optionalFlag, optionalInteger, optionalText, text } from "../shared/fields.ts";
import { placed, resolveAgain, resolveTarget } from "../shared/target.ts";
import { cut, failure, visible } from "../shared/text.ts";
import description from "./bash.md";
import { outputOf } from "./output.ts";

/** A command that still runs after this many seconds goes on in the background. */
const backgroundAfterDefault = 60;
/** Longest wait in the foreground that may be asked for, in seconds. */
const backgroundAfterMax = 24 * 60 * 60;
/** A background command that fails at once is reported at once. */
const fastFailureMs = 1_000;
/** A canceled call answers within this time and a little. */
const killWaitMs = 50;
const titleCharsMax = 500;

const input = z.object({
  description: text("A brief description of what the command does, try to keep it under 30 characters or so"),
  command: text("The command to execute"),
  working_dir: optionalText("The working directory to execute the command in (defaults to current directory)"),
  run_in_background: optionalFlag("Set to true (boolean) to run this command in the background. Use job_output to read the output later."),
  auto_background_after: optionalInteger("Seconds to wait before automatically moving the command to a background job (default: 60)", {
    min: 1,
    max: backgroundAfterMax,
  }),
});

export const bash: Tool<typeof input> = {
  name: "bash",
  description,
  input,
  parallel: false,
  async intent(call, { files }) {
    const target = await resolveTarget(files, call.working_dir ?? ".", call);
    const elsewhere = target.real === files.workspace ? "" : ` (in ${target.label})`;
    const base = {
      action: "execute" as const,
      command: call.command,
      title: visible(cut(call.command, titleCharsMax)) + elsewhere,
      ...placed(target),
    };
    if (call.command.trim() === "") return { ...base, refuse: "The command is empty." };
    if (call.command.includes("\0")) return { ...base, refuse: "The command contains a NUL character, which no program can be given." };
    const found = await files.stat(target.real);
    if (found?.kind !== "directory")
      return { ...base, refuse: `The working directory ${target.path} ${found === undefined ? "does not exist" : "is not a directory"}.` };
    return base;
  },
  async run(call, context) {
    const { jobs, signal, files } = context;
    const target = await resolveAgain(files, call.working_dir ?? ".", call);
    if (typeof target === "string") return failure(target);
    signal.throwIfAborted();
    const startedAt = performance.now();
    // A job that goes on in the background has nobody to tell once the call has its result.
    let answered = false;
    const onOutput = (tail: string, bytes: number) => {
      if (!answered) context.progress(tail, bytes);
    };
    const { id } = jobs.start({ command: call.command, cwd: target.real, session: context.session, onOutput });
    const waitMs = call.run_in_background ? fastFailureMs : (call.auto_background_after ?? backgroundAfterDefault) * 1_000;
    const state = await jobs.wait(id, signal, waitMs);
    answered = true;
    const ms = Math.round(performance.now() - startedAt);
    if (signal.aborted) {
      // A child that ignores the polite signal takes longer to kill than a cancel may take; it is killed behind our back.
      const killed = await Promise.race([jobs.kill(id), jobs.wait(id, new AbortController().signal, killWaitMs)]);
      return interrupted(killed ?? state, ms);
    }
    if (state.running && !state.lingering) return moved(state, call.run_in_background === true, waitMs, ms);
    return finished(state, target.path, ms);
  },
};

function finished(state: JobState, cwd: string, ms: number): ToolResult {
  const output = outputOf(state);
  const lines = output === "" ? [] : [output];
  if (state.exitCode !== undefined && state.exitCode !== 0) lines.push(`Exit code ${state.exitCode}`);
  if (state.lingering)
    lines.push(
      `The command has ended; processes that it started still run as background job ${state.id} (job_output shows what they say, job_kill ends them).`,
    );
  const meta = { ms, ...(state.exitCode !== undefined && { exitCode: state.exitCode }), ...(state.lingering && { job: state.id }) };
  return { text: lines.length === 0 ? "no output" : `${lines.join("\n")}\n\n<cwd>${cwd}</cwd>`, meta };
}

function moved(state: JobState, asked: boolean, waitMs: number, ms: number): ToolResult {
  const output = outputOf(state);
  const lines = [
    asked
      ? `Background job started with ID: ${state.id}`
      : `The command still ran after ${waitMs / 1_000} s and was moved to background job ${state.id}.`,
    "Use job_output with this shell_id to read its output, job_kill to end it.",
    ...(output === "" ? [] : ["", "Output so far:", output]),
  ];
  return { text: lines.join("\n"), meta: { ms, job: state.id } };
}

function interrupted(state: JobState, ms: number): ToolResult {
  const output = outputOf(state);
  return failure(`${output === "" ? "" : `${output}\n\n`}The command was interrupted before it ended; it and its children were killed.`, {
    ms,
    ...(state.exitCode !== undefined && { exitCode: state.exitCode }),
  });
}
