// Plans a compaction: what of a conversation is kept as it is, and the rest as texts that a model can be given to summarize.
//
//   [summary before] [message] [message] ... | [unit] [unit] [unit] | prompts that wait
//   `------------- to be summarized --------' `------- kept -------'
//
// A unit is a prompt, or an answer with the results of its calls: a border never parts the two. Whatever the sizes, each text is within
// the bound: long results and pasted files are cut with a note, what people and models wrote goes on in the next text.
import type { CompactionPlan, CompactionRequest } from "../contracts/compaction.ts";
import type { Queries } from "../contracts/store.ts";
import type { Message, Part } from "../protocol/index.ts";
import { type Counter, tokensOf } from "./tokens.ts";

const pageMessages = 64;
/** A result or pasted file is told to the summarizing model by its beginning and its end: 16,000 characters are about 4,000 tokens. */
const longTextChars = 16_000;
/** Of a small window one such text may take this share. */
const longTextShare = 4;
/** What the arguments of a call say beyond this (a whole file that was written) the summary does not need. */
const inputChars = 2_000;
/** The user's words that stay word by word: the last prompts, of each so much, and together within this share of what may be kept. */
const promptsMax = 5;
const promptChars = 4_000;
const promptsShare = 2;
/** Paths that are remembered, the newest; one is about 20 tokens, so a small window has fewer. */
const filesMax = 60;
const keepTokensAFile = 50;
/** More kept messages than that are no recent turns but a list for its own sake. */
const keptMax = 200;

type Unit = { messages: Message[]; tokens: number };

/** @throws StoreError of the queries */
export function planCompaction(
  queries: Pick<Queries, "prompted">,
  tokenizer: Counter,
  request: CompactionRequest,
): CompactionPlan | undefined {
  const { units, waiting, before, upTo } = read(queries, tokenizer, request);
  if (upTo === undefined) return undefined;
  const beforeTokens = before === undefined ? 0 : tokensOf(before, tokenizer);
  const tokens = units.reduce((sum, unit) => sum + unit.tokens, beforeTokens);

  let keptTokens = 0;
  let keptCount = 0;
  let from = units.length;
  const answered = units.length - unansweredOf(units);
  const most = Math.max(request.unansweredTokens, request.keepTokens);
  let recentTokens = 0;
  while (from > 0) {
    const unit = units[from - 1]!;
    if (from <= answered) recentTokens += unit.tokens;
    if (recentTokens > request.keepTokens || keptTokens + unit.tokens > most || keptCount + unit.messages.length > keptMax) break;
    keptTokens += unit.tokens;
    keptCount += unit.messages.length;
    from--;
  }
  // An answer without its prompt says little: what is kept begins with one, when there is one.
  const prompt = units.findIndex(({ messages }, at) => at >= from && messages[0]!.role === "user");
  if (prompt >= 0 && prompt <= answered) from = prompt;
  keptTokens = units.slice(from).reduce((sum, unit) => sum + unit.tokens, 0);
  const replaced = units.slice(0, from).flatMap(({ messages }) => messages);
  const known = before?.summary;
  const files = filesOf(replaced);
  return {
    upTo,
    kept: units.slice(from).flatMap(({ messages }) => messages.map(({ id }) => id)),
    waiting: waiting.map(({ id }) => id),
    messages: replaced.length,
    tokens,
    keptTokens,
    replacedTokens: tokens - beforeTokens - keptTokens,
    parts: replaced.length === 0 ? [] : pack(texts(before, replaced, request.partTokens), tokenizer, request.partTokens),
    prompts: lastPrompts([...(known?.prompts ?? []), ...promptsOf(replaced)], tokenizer, request.keepTokens / promptsShare),
    filesRead: newest([...(known?.filesRead ?? []), ...files.read], request.keepTokens),
    filesChanged: newest([...(known?.filesChanged ?? []), ...files.changed], request.keepTokens),
  };
}

/** In the order in which it is sent: by turn, then by age, results with their calls. */
function read(queries: Pick<Queries, "prompted">, tokenizer: Counter, { session, turn, message: prompt }: CompactionRequest) {
  const turns = new Map<string, Message[]>();
  let before: Message | undefined;
  let upTo: string | undefined;
  let after: string | undefined;
  do {
    const page = queries.prompted(session, { ...(after !== undefined && { after }), limit: pageMessages });
    for (const message of page.messages) {
      if (message.summary !== undefined) {
        before = message;
        continue;
      }
      // The turn that was summarized goes on before those that wait, also when nothing that it said was kept.
      if (before?.summary?.kept.includes(message.id) === false && !turns.has(before.turn)) turns.set(before.turn, []);
      if (message.undone) continue;
      turns.set(message.turn, [...(turns.get(message.turn) ?? []), message]);
    }
    after = page.next;
    // What a compaction kept is older than the end of what it replaced.
    upTo = (page.messages[0]?.summary === undefined ? page.messages.at(-1)?.id : after) ?? upTo;
  } while (after !== undefined);

  const lists = [...turns];
  const own = lists.findLastIndex(([id, messages]) => id === turn || messages.some((message) => message.id === prompt));
  // A compaction by command has no prompt: what nobody has answered at the end waits.
  const last = own >= 0 ? own : lists.findLastIndex(([, messages]) => messages.some(({ role }) => role !== "user"));
  const waiting: Message[] = [];
  const units: Unit[] = [];
  const owners = new Map<string, Unit>();
  for (const [at, [, messages]] of lists.entries()) {
    for (const message of messages) {
      if (at > last && message.role === "user") waiting.push(message);
      else put(message);
    }
  }
  return { units, waiting, before, upTo };

  function put(message: Message): void {
    const tokens = tokensOf(message, tokenizer);
    const owner = message.role === "tool" ? owners.get(callOf(message) ?? "") : undefined;
    if (owner !== undefined) {
      owner.messages.push(message);
      owner.tokens += tokens;
      return;
    }
    const unit: Unit = { messages: [message], tokens };
    units.push(unit);
    if (message.role === "assistant") for (const part of message.parts) if (part.kind === "tool_call") owners.set(part.call, unit);
  }
}

/** Units at the end that the model has not answered: prompts, and the calls of its last answer with their results. */
function unansweredOf(units: readonly Unit[]): number {
  const last = units.findLastIndex(({ messages }) => messages[0]!.role !== "user" && isSent(messages[0]!));
  const calls = units[last]?.messages[0]?.parts.some(({ kind }) => kind === "tool_call") ?? false;
  return units.length - last - (calls ? 0 : 1);
}

const callOf = (message: Message): string | undefined => message.parts.find((part) => part.kind === "tool_result")?.call;

const isSent = ({ abandoned, undone, role, finishedAt }: Message): boolean =>
  !abandoned && !undone && (role !== "assistant" || finishedAt !== undefined);

/** What the summarizing model reads, one text a part. */
function texts(before: Message | undefined, messages: readonly Message[], partTokens: number): string[] {
  // A character of whatever script is hardly ever more than a token.
  const longest = Math.min(longTextChars, Math.max(200, Math.floor(partTokens / longTextShare)));
  const out: string[] = [];
  if (before !== undefined)
    out.push(`## Summary of what came before\n${before.parts.map((part) => ("text" in part ? part.text : "")).join("\n")}`);
  for (const message of messages) {
    if (!isSent(message)) continue;
    for (const part of message.parts) {
      const text = textOf(part, message.role, longest);
      if (text !== "") out.push(text);
    }
  }
  return out;
}

function textOf(part: Part, role: Message["role"], longest: number): string {
  switch (part.kind) {
    case "text":
      return part.text.trim() === "" ? "" : `## ${role === "user" ? "User" : "Assistant"}\n${part.text}`;
    case "tool_call":
      return `## Assistant calls ${part.name}\n${cut(part.input, Math.min(inputChars, longest))}`;
    case "tool_result":
      return `## Result of ${part.name}${part.isError ? " (an error)" : ""}\n${cut(part.text, longest)}`;
    case "file":
      return part.text === undefined
        ? `## User attached ${part.path}\n[${part.mime.startsWith("image/") ? "An image" : "A file"} that is not told here]`
        : `## User attached ${part.path}\n${cut(part.text, longest)}`;
    case "reasoning":
      return "";
  }
}

/** Beginning and end, and how much is left out between them. */
function cut(text: string, chars: number): string {
  if (text.length <= chars) return text;
  const head = text.slice(0, Math.floor(chars * 0.7)).replace(/[\ud800-\udbff]$/, "");
  const tail = text.slice(text.length - Math.floor(chars * 0.3)).replace(/^[\udc00-\udfff]/, "");
  return `${head}\n[... ${text.length - head.length - tail.length} characters left out ...]\n${tail}`;
}

/** Joins texts as long as they fit; one that does not fit alone goes on in the next part. */
function pack(list: readonly string[], tokenizer: Counter, most: number): string[] {
  const parts: string[] = [];
  let open: string[] = [];
  let used = 0;
  const close = (): void => {
    if (open.length > 0) parts.push(open.join("\n\n"));
    open = [];
    used = 0;
  };
  for (const text of list.flatMap((each) => pieces(each, tokenizer, most))) {
    // What joins them, and what two texts lose where they meet.
    const tokens = tokenizer.count(text) + 2;
    if (used + tokens > most) close();
    open.push(text);
    used += tokens;
  }
  close();
  return parts;
}

function pieces(text: string, tokenizer: Counter, most: number): string[] {
  if (tokenizer.count(text) + 2 <= most || text.length < 2) return [text];
  let middle = text.length >> 1;
  const unit = text.charCodeAt(middle);
  if (unit >= 0xdc00 && unit <= 0xdfff) middle++;
  return [...pieces(text.slice(0, middle), tokenizer, most), ...pieces(text.slice(middle), tokenizer, most)];
}

function promptsOf(messages: readonly Message[]): string[] {
  return messages
    .filter(({ role }) => role === "user")
    .map(({ parts }) => parts.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("\n"))
    .filter((text) => text.trim() !== "")
    .slice(-promptsMax)
    .map((text) => cut(text, promptChars));
}

/** By what results say of themselves: one with a diff changed its file, one with lines of it read it. */
function filesOf(messages: readonly Message[]): { read: string[]; changed: string[] } {
  const read: string[] = [];
  const changed: string[] = [];
  for (const part of messages.flatMap(({ parts }) => parts)) {
    if (part.kind !== "tool_result" || part.isError || part.meta?.path === undefined) continue;
    if (part.meta.diff !== undefined) changed.push(part.meta.path);
    else if (part.meta.lines !== undefined) read.push(part.meta.path);
  }
  return { read, changed };
}

function newest(paths: readonly string[], keepTokens: number): string[] {
  const count = Math.min(filesMax, Math.ceil(keepTokens / keepTokensAFile));
  return [...new Set([...paths].reverse())].slice(0, count).reverse();
}

/** From the newest back, as long as they fit; of the newest at least the beginning. */
function lastPrompts(prompts: readonly string[], tokenizer: Counter, most: number): string[] {
  const out: string[] = [];
  let left = most;
  for (let prompt of prompts.slice(-promptsMax).reverse()) {
    while (out.length === 0 && prompt.length > 100 && tokenizer.count(prompt) > left) prompt = cut(prompt, Math.floor(prompt.length * 0.6));
    left -= tokenizer.count(prompt);
    if (left < 0 && out.length > 0) break;
    out.push(prompt);
  }
  return out.reverse();
}
