import type { FilePart } from "../../../protocol/index.ts";
import { clipLine, type Line, line, prefixed, span } from "../../layout/line.ts";
import { plainOutput } from "../../layout/plain-output.ts";
import { wrap } from "../../layout/wrap.ts";
import type { MessageState, PartState, SessionState } from "../../model/state.ts";
import { isShell, messageText } from "../../model/state.ts";
import { sizeWords } from "../sizes.ts";
import { type Block, type LayoutContext, StaticBlock } from "./block.ts";
import { ReasoningBlock } from "./reasoning-block.ts";
import { summaryBlock } from "./summary-block.ts";
import { TextBlock } from "./text-block.ts";
import { toolBlock } from "./tool-block.ts";

/** A prompt longer than this is folded: it was most likely pasted. */
const promptLines = 24;
const promptCharsMax = 64_000;

/** One block for each part of an assistant's message. Results are shown with their calls. */
const partBlocks: { readonly [K in PartState["kind"]]: (part: PartState, message: string, state: SessionState) => Block | undefined } = {
  text: (part, message) => new TextBlock(part, message),
  reasoning: (part, message) => new ReasoningBlock(part, message),
  tool_call: toolBlock,
  tool_result: () => undefined,
  file: () => undefined,
};

/** The blocks of a message, in order. `known` answers the block of an earlier call, so that layouts and folds are kept. */
export function messageBlocks(
  message: MessageState,
  state: SessionState,
  known: (key: string, make: () => Block | undefined) => Block | undefined,
): Block[] {
  const out: Block[] = [];
  const add = (block: Block | undefined): void => {
    if (block) out.push(block);
  };
  if (message.role === "user") add(known(message.id, () => (isShell(message) ? shellBlock(message) : promptBlock(message))));
  else if (message.role === "system") add(known(message.id, () => summaryBlock(message)));
  else if (message.role === "assistant") {
    for (const part of message.parts) add(known(part.id, () => partBlocks[part.kind](part, message.id, state)));
    // Of an attempt that said nothing there is nothing to warn about: why it failed stands at the turn's end.
    if (message.abandoned && message.parts.length === 0) return out;
    if (message.abandoned || message.error) add(known(`${message.id} error`, () => errorBlock(message, state)));
    else if (message.finish && message.finish !== "tool_use") add(known(`${message.id} end`, () => endBlock(message, state)));
  }
  return out;
}

function promptBlock(message: MessageState): Block {
  const text = (): string => messageText(message);
  return new StaticBlock({
    key: message.id,
    message: message.id,
    foldable: true,
    version: () => message.parts.length,
    text,
    lines: (context, expanded) => {
      const { theme, width } = context;
      const bar = span("┃ ", theme.user);
      const body = wrap([{ text: text().slice(0, promptCharsMax).trimEnd(), style: theme.text }], width - 2);
      const hidden = expanded ? 0 : body.length - promptLines;
      const shown = hidden > 1 ? body.slice(0, promptLines) : body;
      const lines = shown.map((each) => prefixed(bar, each));
      if (hidden > 1) lines.push({ ...prefixed(bar, line(span(`… ${hidden} more lines (click or space)`, theme.faint))), toggle: true });
      for (const part of message.parts) {
        if (part.done?.kind === "file") lines.push(prefixed(bar, line(span(attached(part.done), theme.muted))));
      }
      return lines;
    },
  });
}

/** A directory has a tree, whose size says nothing. */
const attached = ({ path, mime, bytes }: FilePart): string =>
  mime === "inode/directory" ? `+ ${path}` : `+ ${path} (${sizeWords(bytes)})`;

/** Rows of what a command printed before it is opened: its end tells how it went. */
const shellLines = 10;
const shellLinesOpened = 400;

/** A command that the user ran without the model, and what it printed. */
function shellBlock(message: MessageState): Block {
  const head = (): string => messageText(message);
  const output = (): string => message.parts.map(({ done }) => (done?.kind === "file" ? (done.text ?? "") : "")).join("");
  return new StaticBlock({
    key: message.id,
    message: message.id,
    foldable: true,
    version: () => message.parts.length,
    text: () => `${head()}\n${output()}`,
    lines: ({ theme, width }, expanded) => {
      const [command = "", how = ""] = head().split(/\n(?=\([^\n]*\)$)/);
      const failed = /exit code (?!0\))/.test(how);
      const code = /exit code \d+/.exec(how)?.[0] ?? "ended";
      const title = wrap([{ text: command.replace(/^\$ /, "! "), style: theme.strong }], width - 2).map((each) =>
        prefixed(span("┃ ", theme.warning), each),
      );
      const printed = wrap([{ text: plainOutput(output().slice(0, promptCharsMax)), style: theme.muted }], width - 2);
      const most = expanded ? shellLinesOpened : shellLines;
      const hidden = printed.length - most;
      const shown = (hidden > 0 ? printed.slice(-most) : printed).map((each) => prefixed(span("  ", theme.text), each));
      const more: Line[] =
        hidden > 0 ? [{ ...line(span(`  … ${hidden} more lines${expanded ? "" : " (click or space)"}`, theme.faint)), toggle: true }] : [];
      return [...title, ...more, ...shown, ...(failed || code === "ended" ? [line(span(`  ${code}`, theme.error))] : [])];
    },
  });
}

function errorBlock(message: MessageState, state: SessionState): Block {
  // What the turn ended with is told there, once.
  const error = (): string => (message.error === state.turns.get(message.turn)?.reason ? "" : (message.error ?? ""));
  return new StaticBlock({
    key: `${message.id} error`,
    message: message.id,
    version: error,
    text: () => message.error ?? "",
    lines: ({ theme, width }) => {
      const head = message.abandoned ? "⚠ This attempt broke off and is not sent to the model" : "✗ Failed";
      const text = error();
      return wrap([{ text: text ? `${head}: ${text}` : head, style: message.abandoned ? theme.warning : theme.error }], width);
    },
  });
}

const finishWords: { readonly [finish: string]: string } = {
  max_tokens: "stopped: the model's output limit was reached",
  content_filter: "stopped by the provider's content filter",
  canceled: "canceled",
};

function endBlock(message: MessageState, state: SessionState): Block {
  return new StaticBlock({
    key: `${message.id} end`,
    message: message.id,
    version: () => `${message.finish ?? ""} ${message.finishedAt ?? 0}`,
    lines: (context) => endLines(message, state, context),
  });
}

function endLines(message: MessageState, state: SessionState, { theme, width }: LayoutContext): Line[] {
  const turn = state.turns.get(message.turn);
  const since = turn?.createdAt ?? message.createdAt;
  const seconds = message.finishedAt === undefined ? 0 : (message.finishedAt - since) / 1000;
  const facts = [
    message.model?.model ?? "",
    seconds >= 0.1 ? `${seconds.toFixed(1)} s` : "",
    finishWords[message.finish ?? ""] ?? "",
  ].filter((each) => each !== "");
  if (facts.length === 0) return [];
  return [clipLine(line(span(`◇ ${facts.join(" · ")}`, finishWords[message.finish ?? ""] ? theme.warning : theme.faint)), width)];
}

/** What is said where a turn ended other than well. */
export function turnBlock(turn: string, last: string, state: SessionState): Block {
  return new StaticBlock({
    key: `${turn} turn`,
    message: last,
    version: () => state.turns.get(turn)?.status ?? "",
    text: () => state.turns.get(turn)?.reason ?? "",
    lines: ({ theme, width }) => {
      const ended = state.turns.get(turn);
      if (!ended) return [];
      // The user's own doing, and the call above says what was denied.
      if (ended.cause === "permission_denied") return wrap([{ text: "■ Stopped, as the call was denied.", style: theme.warning }], width);
      const hint =
        ended.status === "interrupted"
          ? " /resume goes on with it; a new prompt starts from here."
          : ended.cause === "provider"
            ? " ↑ brings the prompt back, ctrl+l another model."
            : "";
      const word = { interrupted: "Interrupted", failed: "Failed", limit: "Stopped at a limit" }[ended.status as "failed"] ?? ended.status;
      const reason = ended.reason ? `: ${ended.reason}` : ended.cause ? `: ${ended.cause}` : "";
      return wrap(
        [
          {
            text: `■ ${word}${reason}${/[.!?]$/.test(reason) ? "" : "."}${hint}`,
            style: ended.status === "failed" ? theme.error : theme.warning,
          },
        ],
        width,
      );
    },
  });
}
