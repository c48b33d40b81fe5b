import { line, prefixed, span } from "../../layout/line.ts";
import { wrap } from "../../layout/wrap.ts";
import { type MessageState, partText, type SessionState } from "../../model/state.ts";
import { type Block, StaticBlock } from "./block.ts";

/** Characters of one part that an opened block shows. */
const partCharsMax = 4_000;

/** An event about the turn is newer than what was said with the message. */
export const isUndone = (state: SessionState, message: MessageState): boolean =>
  state.turns.get(message.turn)?.undone ?? (state.turns.has(message.turn) ? false : message.undone);

/** A turn that was undone: one faint line, and all of it, as faint, when it is opened. */
export function undoneBlock(turn: string, first: MessageState, state: SessionState): Block {
  const messages = (): MessageState[] => [...state.messages.values()].filter((message) => message.turn === turn);
  const words = (message: MessageState): string[] =>
    message.parts
      .map((part) => (part.kind === "tool_call" ? `⚙ ${part.name ?? ""} ${partText(part)}` : part.kind === "text" ? partText(part) : ""))
      .filter((text) => text.trim() !== "");
  const text = (): string => messages().flatMap(words).join("\n");
  return new StaticBlock({
    key: `${turn} undone`,
    message: first.id,
    foldable: true,
    version: () => messages().length,
    text,
    lines: ({ theme, width }, expanded) => {
      const prompt = first.role === "user" ? (words(first)[0] ?? "").replace(/\s+/g, " ").slice(0, Math.max(8, width - 40)) : "";
      const head = {
        ...line(
          span(
            `↶ Undone${prompt === "" ? "" : `: ${prompt}`} (${expanded ? "click or space folds" : "click or space shows"})`,
            theme.faint,
          ),
        ),
        toggle: true,
      };
      if (!expanded) return [head];
      const bar = span("┆ ", theme.faint);
      return [
        head,
        ...messages()
          .flatMap(words)
          .flatMap((each) => wrap([{ text: each.slice(0, partCharsMax), style: theme.faint }], Math.max(1, width - 2)))
          .map((each) => prefixed(bar, each)),
      ];
    },
  });
}
