import type { Permission } from "../../../protocol/index.ts";
import { clipLine, type Line, line, span } from "../../layout/line.ts";
import { type PartState, partText, type SessionState } from "../../model/state.ts";
import { asDirectory } from "../paths.ts";
import { StaticBlock, type LayoutContext } from "./block.ts";
import { progressLines, resultLines, resultNote } from "./tool-lines.ts";
import { CallStream } from "./tool-stream.ts";
import { readInput, toolArgument, toolLabel } from "./tool-titles.ts";

type Status = "writing" | "asking" | "running" | "done" | "error" | "denied" | "lost";

const marks: { readonly [S in Status]: string } = {
  writing: "○",
  asking: "?",
  running: "●",
  done: "✓",
  error: "✗",
  denied: "⊘",
  lost: "○",
};

/** Rows of what a call is writing, as many as its result has at first; opened, as many as an opened result. */
const writtenRows = 10;
const writtenRowsOpened = 400;

/** A block that has more to let go of than its lines. */
class ToolBlock extends StaticBlock {
  readonly stream: CallStream;
  constructor(options: ConstructorParameters<typeof StaticBlock>[0], stream: CallStream) {
    super(options);
    this.stream = stream;
  }

  override forget(): void {
    super.forget();
    this.stream.forget();
  }
}

/** A tool call and its result: name, main argument, state; under it what it is writing, then what it wrote, printed or found. */
export function toolBlock(part: PartState, message: string, state: SessionState): StaticBlock {
  const asked = (): Permission | undefined => {
    for (const permission of state.permissions.values()) if (permission.call === part.call) return permission;
    return undefined;
  };
  const call = () => (part.call === undefined ? undefined : state.calls.get(part.call));
  const owner = () => state.messages.get(message);
  const running = (): boolean => {
    const turn = owner()?.turn;
    return turn !== undefined && !owner()?.abandoned && (turn === "" || state.turns.get(turn)?.status === "running");
  };
  /** The question has shown all of it: it does not come back for the moment until the result is there. */
  let wasAsked = false;
  const status = (): Status => {
    const result = call()?.result;
    if (result) return result.meta?.denied ? "denied" : result.isError ? "error" : "done";
    if (!running()) return "lost";
    if (!part.done) return "writing";
    if (!asked()) return "running";
    wasAsked = true;
    return "asking";
  };
  const stream = new CallStream(part);
  let title = { version: -1, path: "", argument: "" };
  const readTitle = (): typeof title => {
    if (title.version === part.version) return title;
    // While arguments stream only what is new of them is read.
    const input = part.done ? readInput(partText(part)) : stream.input();
    title = {
      version: part.version,
      path: String(input["file_path"] ?? input["path"] ?? ""),
      argument: toolArgument(part.name ?? "", input),
    };
    return title;
  };
  const options: ConstructorParameters<typeof StaticBlock>[0] = {
    key: part.id,
    message,
    foldable: true,
    version: () => `${status()} ${part.version} ${call()?.version ?? 0}`,
    finished: () => {
      const now = status();
      return now !== "writing" && now !== "asking" && now !== "running";
    },
    text: () => [`${part.name ?? ""} ${readTitle().argument}`.trim(), call()?.result?.text ?? ""].filter((each) => each !== "").join("\n"),
    lines: (context, expanded) => {
      const known = readTitle();
      const now = status();
      const label = toolLabel(part.name ?? "tool");
      const argument = relative(known.argument, context.workspace);
      const result = call()?.result;
      const tail = call()?.progress?.tail;
      if (result || now === "lost") stream.forget();
      if (result) {
        const body = resultLines(result, String(result.meta?.path ?? known.path), context, expanded);
        return [headerLine(now, label, argument, resultNote(result), context), ...body];
      }
      const asks = asked()?.action;
      const state = asks === "question" || asks === "plan" ? "waits for your answer" : note[now];
      if (tail || wasAsked || now === "lost")
        return [headerLine(now, label, argument, state, context), ...(tail ? progressLines(tail, context) : [])];
      const written = stream.tail(context, expanded ? writtenRowsOpened : writtenRows);
      const notes = [written.note, note[now]].filter((each) => each !== "").join(" · ");
      return [headerLine(now, label, argument, notes, context), ...written.rows];
    },
  };
  return new ToolBlock(options, stream);
}

/** Paths as one would write them here. */
function relative(argument: string, workspace: string): string {
  if (argument === workspace) return ".";
  const inside = argument.replaceAll(asDirectory(workspace), "");
  return inside.endsWith(` under ${workspace}`) ? inside.slice(0, -` under ${workspace}`.length) : inside;
}

const note: { readonly [S in Status]: string } = {
  writing: "",
  asking: "waits for permission",
  running: "running",
  done: "",
  error: "",
  denied: "",
  lost: "no result",
};

function headerLine(status: Status, label: string, argument: string, after: string, context: LayoutContext): Line {
  const { theme } = context;
  const look = {
    writing: theme.muted,
    asking: theme.warning,
    running: theme.primary,
    done: theme.success,
    error: theme.error,
    denied: theme.warning,
    lost: theme.faint,
  }[status];
  const first = argument.split("\n", 1)[0]! + (argument.includes("\n") ? " …" : "");
  const tail = after === "" ? [] : [span(`  ${after}`, theme.muted)];
  const room = context.width - tail.reduce((sum, each) => sum + each.width, 0);
  const head = clipLine(
    line(span(`${marks[status]} `, look), span(label, theme.strong), span(first === "" ? "" : ` ${first}`, theme.muted)),
    Math.max(8, room),
  );
  return { ...clipLine(line(...head.spans, ...tail), context.width), toggle: true };
}
