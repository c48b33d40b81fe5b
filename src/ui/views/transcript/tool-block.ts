import type { Permission } from "../../../protocol/index.ts";
import { clipLine, type Line, line, span } from "../../layout/line.ts";
import { type PartState, partText, type SessionState } from "../../model/state.ts";
import { StaticBlock, type LayoutContext } from "./block.ts";
import { progressLines, resultLines, resultNote } from "./tool-lines.ts";
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

/** A tool call and its result: name, main argument, state; under it what it wrote, printed or found. */
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
  const status = (): Status => {
    const result = call()?.result;
    if (result) return result.meta?.denied ? "denied" : result.isError ? "error" : "done";
    if (!running()) return "lost";
    if (!part.done) return "writing";
    return asked() ? "asking" : "running";
  };
  let title = { version: -1, path: "", argument: "" };
  const readTitle = (): typeof title => {
    // While arguments stream only their start is read, and only until it has said what the call is about.
    if (title.version === part.version || (!part.done && title.argument !== "")) return title;
    const source = part.done ? partText(part) : part.pieces.slice(0, 64).join("").slice(0, 1_000);
    const input = readInput(source, part.done !== undefined);
    title = {
      version: part.version,
      path: String(input["file_path"] ?? input["path"] ?? ""),
      argument: toolArgument(part.name ?? "", input),
    };
    return title;
  };
  return new StaticBlock({
    key: part.id,
    message,
    foldable: true,
    version: () => {
      const known = readTitle();
      return `${status()} ${part.done ? 1 : 0} ${part.name ?? ""} ${call()?.version ?? 0} ${known.argument}`;
    },
    finished: () => {
      const now = status();
      return now !== "writing" && now !== "asking" && now !== "running";
    },
    text: () => [`${part.name ?? ""} ${readTitle().argument}`.trim(), call()?.result?.text ?? ""].filter((each) => each !== "").join("\n"),
    lines: (context, expanded) => {
      const known = readTitle();
      const now = status();
      const result = call()?.result;
      const tail = call()?.progress?.tail;
      const header = headerLine(
        now,
        toolLabel(part.name ?? "tool"),
        relative(known.argument, context.workspace),
        result ? resultNote(result) : note[now],
        context,
      );
      const body = result
        ? resultLines(result, String(result.meta?.path ?? known.path), context, expanded)
        : tail
          ? progressLines(tail, context)
          : [];
      return [header, ...body];
    },
  });
}

/** Paths as one would write them here. */
function relative(argument: string, workspace: string): string {
  if (argument === workspace) return ".";
  const inside = argument.replaceAll(workspace.endsWith("/") ? workspace : `${workspace}/`, "");
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
