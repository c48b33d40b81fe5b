import { blank, clipLine, line, prefixed, span } from "../../layout/line.ts";
import { wrap } from "../../layout/wrap.ts";
import { type MessageState, partText } from "../../model/state.ts";
import { type Block, StaticBlock } from "./block.ts";

/** Where a conversation was compacted: one line, which opens to what the model reads in place of what came before. */
export function summaryBlock(message: MessageState): Block | undefined {
  const { summary } = message;
  if (summary === undefined) return undefined;
  const text = (): string => message.parts.map(partText).join("\n");
  return new StaticBlock({
    key: message.id,
    message: message.id,
    foldable: true,
    version: () => message.parts.length,
    text,
    lines: ({ theme, width }, expanded) => {
      const { messages, tokensBefore, tokensAfter } = summary;
      const head = `${expanded ? "▾" : "▸"} Compacted: ${count(messages)} messages, ${count(tokensBefore)} → ${count(tokensAfter)} tokens`;
      const lines = [{ ...clipLine(line(span(head, theme.secondary)), width), toggle: true }];
      if (!expanded) return lines;
      const bar = span("┆ ", theme.faint);
      const body = wrap([{ text: text().trimEnd(), style: theme.muted }], Math.max(1, width - 2));
      return [...lines, ...body.map((each) => prefixed(bar, each)), blank];
    },
  });
}

const count = (number: number): string => number.toLocaleString("en");
