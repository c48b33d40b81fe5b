// Tokens of a conversation, for providers that report no usage. Exact for o200k_base; a model with another vocabulary is some percent off.
import type { Queries } from "../contracts/store.ts";
import type { TokensAnswer, TokensRequest } from "../contracts/tokens.ts";
import type { Message, Part } from "../protocol/index.ts";

export type Counter = { count(text: string): number };
/** For a build without a vocabulary. Three bytes a token are more tokens than most texts have, so that what is cut by it fits. */
export const roughCounter: Counter = { count: (text) => Math.ceil(Buffer.byteLength(text) / 3) };

/** Messages read at once: their texts are in memory together. */
const pageMessages = 64;
/** What chat templates put around a message: begin, role, end. */
const messageTokens = 4;
/** Between what providers take for one (OpenAI about 770, Anthropic up to 1,600). */
const pictureTokens = 1_000;

/**
 * Counts each message once: the caller keeps the sum and where it ended.
 * @throws StoreError of the queries
 */
export function countConversation(queries: Pick<Queries, "prompted">, tokenizer: Counter, request: TokensRequest): TokensAnswer {
  const { session, turn, until } = request;
  let { after } = request;
  let conversation = 0;
  let begun = false;
  reading: while (true) {
    const page = queries.prompted(session, { ...(after !== undefined && { after }), limit: pageMessages });
    // After a compaction the first page is what stands for the history, of whatever turns.
    const isHistory = page.messages[0]?.summary !== undefined;
    for (const message of page.messages) {
      begun ||= message.turn === turn && !isHistory;
      // Behind the turn stand prompts that wait for it to end.
      if (message.id === until || (begun && message.turn !== turn)) break reading;
      conversation += tokensOf(message, tokenizer);
      if (!isHistory) after = message.id;
    }
    if (isHistory) after = page.next ?? after;
    if (page.next === undefined) break;
    after = page.next;
  }
  return { conversation, ...(after !== undefined && { after }), texts: request.texts.map((text) => tokenizer.count(text)) };
}

/** Of a message as it is sent: broken attempts and reasoning are not. */
export function tokensOf(message: Message, tokenizer: Counter): number {
  if (message.abandoned || message.undone || (message.role === "assistant" && message.finishedAt === undefined)) return 0;
  let tokens = messageTokens;
  for (const part of message.parts) tokens += partTokens(part, tokenizer);
  return tokens;
}

function partTokens(part: Part, tokenizer: Counter): number {
  switch (part.kind) {
    case "text":
    case "tool_result":
      return tokenizer.count(part.text);
    case "tool_call":
      return tokenizer.count(part.name) + tokenizer.count(part.input);
    case "file":
      return part.text !== undefined ? tokenizer.count(part.text) : part.mime.startsWith("image/") ? pictureTokens : 0;
    case "reasoning":
      return 0;
  }
}
