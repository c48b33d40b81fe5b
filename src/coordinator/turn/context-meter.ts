// How full the context is where the provider does not say: each message is counted once, on the compute worker, which reads it itself.
import { createHash } from "node:crypto";
import type { CompletionOutcome } from "../../contracts/link.ts";
import type { TokensAnswer, TokensRequest } from "../../contracts/tokens.ts";
import type { CompletionRequest } from "../../contracts/wire-format.ts";
import type { Message, Part } from "../../protocol/index.ts";
import type { CoordinatorOptions } from "../options.ts";
import type { OpenSession } from "../registry/sessions.ts";

/** The turn does not go on without its usage. The worker's start takes 100 ms, and it may be busy with a large diff. */
const countTimeoutMs = 1_000;
/** System texts and tools whose count is kept; sessions share them. */
const textsMax = 256;

/** Where nobody can count: more tokens than most texts have. */
const roughBytesPerToken = 3;
const roughly = (text: string): number => Math.ceil(Buffer.byteLength(text) / roughBytesPerToken);

/** What stands before the conversation in each prompt of a turn. */
export const fixedTexts = ({ system, tools }: CompletionRequest): string[] => [
  ...system,
  ...(tools.length > 0 ? [JSON.stringify(tools)] : []),
];

type Ok = Extract<CompletionOutcome, { status: "ok" }>;
type Completed = { entry: OpenSession; request: CompletionRequest; message: Message; parts: readonly Part[] };
/** Tokens of the conversation up to message `after`. */
type Tally = { tokens: number; after?: string };

export class ContextMeter {
  readonly #options: Pick<CoordinatorOptions, "countTokens" | "queries" | "clock" | "log">;
  readonly #tallies = new WeakMap<OpenSession, Tally>();
  readonly #texts = new Map<string, number>();
  /** Providers whose last answer came without usage. */
  readonly #silent = new Set<string>();

  constructor(options: Pick<CoordinatorOptions, "countTokens" | "queries" | "clock" | "log">) {
    this.#options = options;
  }

  /** A provider that said nothing last time reads the prompt: meanwhile it is counted, and a worker that was asleep starts. */
  begin(of: Omit<Completed, "parts">): void {
    if (!this.#silent.has(of.request.provider.id)) return;
    this.#count({ ...of, parts: [] }).catch((error: unknown) =>
      this.#options.log.debug("prompt not counted yet", { session: of.entry.id, error: String(error) }),
    );
  }

  /** Whether the provider left something out. No prompt is empty: one of 0 tokens was not counted. */
  needed(provider: string, { estimated, usage }: Ok): boolean {
    const silent = estimated === true || usage.input + usage.cacheRead + usage.cacheWrite === 0;
    if (this.#options.countTokens === undefined || !silent) {
      this.#silent.delete(provider);
      return false;
    }
    this.#silent.add(provider);
    return true;
  }

  /** `usage` with counts for what was not told; as it is when they cannot be had, or not in time. Never throws. */
  async usage(of: Completed, { estimated, usage }: Ok): Promise<Ok["usage"]> {
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const cancel = this.#options.clock.after(countTimeoutMs, () => resolve(undefined));
    try {
      const counted = await Promise.race([this.#count(of), late]);
      if (counted === undefined) return usage;
      return { ...usage, input: counted.prompt, ...(estimated && { output: counted.answer }) };
    } catch (error) {
      this.#options.log.warn("tokens could not be counted, the estimate stays", { session: of.entry.id, error: String(error) });
      return usage;
    } finally {
      cancel();
    }
  }

  /** Tokens of each text; by their bytes when nobody can count. Never throws. */
  async count(texts: readonly string[]): Promise<number[]> {
    const found = await this.#asked({ session: "", turn: "", until: "", texts: [...texts] });
    return found?.texts ?? texts.map(roughly);
  }

  /** Tokens of the conversation behind message `after`, for a completion of the turn. */
  async since(session: string, turn: string, after: string): Promise<number> {
    const found = await this.#asked({ session, turn, until: "", after, texts: [] });
    return found?.conversation ?? Math.ceil(this.#options.queries.uncounted(session).bytes / roughBytesPerToken);
  }

  /** Tokens of a prompt of which no provider has told anything yet. */
  async prompt(entry: OpenSession, turn: string, request: CompletionRequest): Promise<number> {
    const texts = fixedTexts(request);
    const found = await this.#asked({ session: entry.id, turn, until: "", texts });
    if (found !== undefined) return found.texts.reduce((sum, tokens) => sum + tokens, found.conversation);
    const { bytes } = this.#options.queries.uncounted(entry.id);
    return texts.reduce((sum, text) => sum + roughly(text), Math.ceil(bytes / roughBytesPerToken));
  }

  /** The conversation is another one from here on. */
  compacted(entry: OpenSession, tally: Tally): void {
    this.#tallies.set(entry, tally);
  }

  async #asked(request: TokensRequest): Promise<TokensAnswer | undefined> {
    try {
      return await this.#options.countTokens?.(request);
    } catch (error) {
      this.#options.log.warn("tokens could not be counted, they are estimated", { session: request.session, error: String(error) });
      return undefined;
    }
  }

  async #count({ entry, request, message, parts }: Completed): Promise<{ prompt: number; answer: number } | undefined> {
    const before = this.#tallies.get(entry) ?? { tokens: 0 };
    const fixed = fixedTexts(request).map((text) => ({
      text,
      key: createHash("sha256").update(text).digest("base64url"),
    }));
    const unknown = fixed.filter(({ key }) => !this.#texts.has(key));
    const asked: TokensRequest = {
      session: entry.id,
      turn: message.turn,
      until: message.id,
      ...(before.after !== undefined && { after: before.after }),
      texts: [...unknown.map(({ text }) => text), ...parts.map(answerText)],
    };
    const found: TokensAnswer | undefined = await this.#options.countTokens?.(asked);
    if (found === undefined) return undefined;
    const tally = { tokens: before.tokens + found.conversation, ...(found.after !== undefined && { after: found.after }) };
    this.#tallies.set(entry, tally);
    for (const [i, { key }] of unknown.entries()) this.#texts.set(key, found.texts[i]!);
    let prompt = tally.tokens;
    for (const { key } of fixed) prompt += this.#texts.get(key)!;
    for (const oldest of this.#texts.keys()) {
      if (this.#texts.size <= textsMax) break;
      this.#texts.delete(oldest);
    }
    let answer = 0;
    for (const tokens of found.texts.slice(unknown.length)) answer += tokens;
    return { prompt, answer };
  }
}

/** What the model wrote. */
function answerText(part: Part): string {
  switch (part.kind) {
    case "text":
    case "reasoning":
      return part.text;
    case "tool_call":
      return `${part.name}${part.input}`;
    default:
      return "";
  }
}
