import type { Activity, Delta, DurableEvent, Message, Session, Turn } from "../protocol/index.ts";
import { plain, plainJson } from "./plain.ts";

export type RunFormat = "text" | "json" | "stream-json";

/** Version of the JSON formats. Fields are added without a new one; a removed or changed field raises it. */
export const runFormatVersion = 1;

export type RunOutput = {
  start(turn: string): void;
  /** The server died and was started again; another turn goes on where the first one was interrupted. */
  resumed(turn: string): void;
  event(event: DurableEvent): void;
  delta(delta: Delta): void;
  activity(activity: Activity): void;
  note(text: string): void;
  end(turn: Turn | undefined, code: number): void;
};

/**
 * What `crush run` prints.
 * text: the assistant's words as they come, nothing else on standard output.
 * json: one object at the end, `result`.
 * stream-json: one object a line, each with `version` and `type`:
 *   start        session, turn, workspace, model?       first
 *   text         message, text                          the answer as it comes; all of one message joined are its text
 *   reasoning    message, text
 *   tool_call    message, call, name, input             input is parsed; a string when it is no JSON
 *   tool_result  call, name, text, isError
 *   permission   tool, decision: "denied", why          why names the flag that would allow it
 *   retry        attempt, note, at                      the provider is asked again at `at` (ms since the epoch)
 *   abandoned    message, error                         forget this message's text, it is asked for again or was the last try
 *   resume       turn                                   the server died; this turn goes on
 *   result       session, turn, status, exitCode, text, reason?, cause?, usage, cost, completions, durationMs, denied: {tool, why}[]      last
 * `status` is ok, failed, interrupted or limit; `text` is the last message's.
 * None holds an escape sequence: JSON escapes controls, text loses them.
 */
export function openOutput(request: { format: RunFormat; quiet: boolean; verbose: boolean; session: Session }): RunOutput {
  const { format, quiet, verbose, session } = request;
  const started = Date.now();
  const denied: { tool: string; why: string }[] = [];
  let turnId = "";
  /** Text of the newest assistant message: what a program wants as the answer. */
  let answer = "";
  let error: string | undefined;
  /** UTF-16 units of each part that were printed. */
  const printed = new Map<string, number>();
  let lastMessage = "";
  let atLineStart = true;

  const write = (value: string) => {
    if (value === "") return;
    process.stdout.write(value);
    atLineStart = value.endsWith("\n");
  };
  const line = (value: Record<string, unknown>) => void process.stdout.write(`${plainJson({ version: runFormatVersion, ...value })}\n`);
  const tell = (value: string) => void process.stderr.write(`${plain(value)}\n`);

  const words = (message: string, part: string, offset: number, value: string) => {
    const done = printed.get(part) ?? 0;
    if (offset > done) return; // a gap: the finished part has it all
    const fresh = value.slice(done - offset);
    if (fresh === "") return;
    printed.set(part, done + fresh.length);
    if (format === "stream-json") line({ type: "text", message, text: fresh });
    if (format !== "text") return;
    if (lastMessage !== "" && lastMessage !== message) write(atLineStart ? "\n" : "\n\n");
    lastMessage = message;
    write(plain(fresh));
  };

  return {
    start(turn) {
      turnId = turn;
      if (format === "stream-json") line({ type: "start", session: session.id, turn, workspace: session.workspace, model: session.model });
    },
    resumed(turn) {
      turnId = turn;
      if (format === "stream-json") line({ type: "resume", turn });
      else if (!quiet) tell("the server died and was started again; going on");
    },
    delta(delta) {
      if (delta.kind === "text") words(delta.message, delta.part, delta.offset, delta.text);
      else if (delta.kind === "reasoning" && format === "stream-json")
        line({ type: "reasoning", message: delta.message, text: delta.text });
    },
    activity(activity) {
      if (activity.state !== "retrying") return;
      if (format === "stream-json") line({ type: "retry", attempt: activity.attempt, note: activity.note, at: activity.retryAt });
      else if (!quiet) tell(`retrying: ${activity.note ?? ""}`);
    },
    note(value) {
      if (!quiet) tell(value);
    },
    event(event) {
      switch (event.kind) {
        case "message.created": {
          const { message } = event.data;
          if (message.role === "assistant") answer = "";
          if (message.summary) {
            const { messages, tokensBefore, tokensAfter } = message.summary;
            if (format === "stream-json") line({ type: "compacted", messages, tokensBefore, tokensAfter });
            else if (verbose) tell(`compacted: ${messages} messages, ${tokensBefore} -> ${tokensAfter} tokens`);
          }
          if (message.role === "tool")
            for (const part of message.parts)
              if (part.kind === "tool_result") this.event({ ...event, kind: "part.finished", data: { message: message.id, part } });
          return;
        }
        case "part.finished": {
          const { message, part } = event.data;
          if (part.kind === "text") {
            words(message, part.id, 0, part.text);
            answer += part.text;
          } else if (part.kind === "tool_call") {
            if (format === "stream-json") line({ type: "tool_call", message, call: part.call, name: part.name, input: parsed(part.input) });
            else if (verbose) tell(`> ${part.name} ${part.input.slice(0, 200)}`);
          } else if (part.kind === "tool_result") {
            if (format === "stream-json")
              line({ type: "tool_result", call: part.call, name: part.name, text: part.text, isError: part.isError });
            else if (verbose) tell(`< ${part.isError ? "failed: " : ""}${part.text.split("\n")[0]?.slice(0, 200) ?? ""}`);
            // Nobody was asked, so there is no permission to tell of: the result says that and why it was denied.
            if (part.meta?.denied) refused({ tool: part.name, why: part.text });
          }
          return;
        }
        case "message.finished": {
          const { message } = event.data;
          if (message.error) error = message.error;
          abandoned(message);
          return;
        }
      }
    },
    end(turn, code) {
      if (format === "text") {
        if (!atLineStart) write("\n");
        if (code !== 0) tell(`crush: ${turn?.reason ?? error ?? (code === 130 ? "interrupted" : "failed")}`);
        return;
      }
      line({
        type: "result",
        session: session.id,
        turn: turn?.id ?? turnId,
        status: turn?.status ?? "interrupted",
        exitCode: code,
        text: answer,
        ...(turn?.reason ? { reason: turn.reason } : {}),
        ...(turn?.cause ? { cause: turn.cause } : {}),
        usage: turn?.usage,
        cost: turn?.usage.cost ?? 0,
        completions: turn?.completions ?? 0,
        durationMs: Date.now() - started,
        denied,
      });
    },
  };

  function abandoned(message: Message): void {
    // What was canceled or ran out of time says so at the end.
    if (!message.abandoned || message.finish === "canceled") return;
    if (format === "stream-json") line({ type: "abandoned", message: message.id, error: message.error });
    else if (format === "text" && printed.size > 0 && !quiet) {
      if (!atLineStart) write("\n");
      tell(`(the answer broke off: ${message.error ?? "connection lost"})`);
    }
  }

  function refused({ tool, why }: { tool: string; why: string }): void {
    denied.push({ tool, why });
    if (format === "stream-json") line({ type: "permission", tool, decision: "denied", why });
    else if (verbose) tell(`denied: ${why}`);
  }
}

function parsed(input: string): unknown {
  try {
    return JSON.parse(input);
  } catch {
    return input;
  }
}
