import type { Activity, ToolResultPart, Turn } from "../../protocol/index.ts";
import { expandTabs } from "../layout/measure.ts";
import { type MessageState, messageText, type PartState, partText, type SessionState } from "../model/state.ts";
import { readInput, toolArgument, toolLabel } from "../views/transcript/tool-titles.ts";

/** Lines of a result that are read out; the whole of it is in `crush session show`. */
const resultLinesMax = 8;
const callCharsMax = 300;
/** A line that streams is cut at the end of a sentence once it is this long, so that one need not wait for the paragraph's end. */
const sentenceCharsMin = 160;
/** Messages of an opened session that are read out again. */
const pastMessagesMax = 6;

/** How much of each part has been said: characters of a text, or that it was said at all. */
export type NarratorState = { said: [key: string, chars: number][]; sent: string[]; session: string | undefined };

/** Tells a session as lines: each thing once, when it is certain, in the order in which it happened. */
export class Narrator {
  private said = new Map<string, number>();
  /** Prompts that were typed here: the terminal has shown them. */
  private sent: string[] = [];
  private session: string | undefined;
  private attempt = "";
  private readonly out: (line: string) => void;

  constructor(out: (line: string) => void) {
    this.out = out;
  }

  state(): NarratorState {
    return { said: [...this.said], sent: this.sent, session: this.session };
  }

  restore(state: NarratorState): void {
    this.said = new Map(state.said);
    this.sent = state.sent;
    this.session = state.session;
  }

  /** Another session is shown, or this one anew. */
  forget(): void {
    this.session = undefined;
  }

  typed(text: string): void {
    this.sent.push(text);
  }

  /** Says what is new. */
  tell(session: SessionState): void {
    if (this.session !== session.id) this.begin(session);
    for (const id of session.order) {
      const message = session.messages.get(id)!;
      if (this.said.has(`end ${id}`)) continue;
      if (message.role === "user") this.user(message);
      else for (const part of message.parts) if (part) this.part(session, message, part);
      if (message.finishedAt === undefined && message.role !== "user") continue;
      if (message.abandoned && this.once(`broke ${id}`)) this.out("That attempt broke off.");
      this.once(`end ${id}`);
    }
  }

  activity({ state, attempt, retryAt, note }: Activity, now: number): void {
    const key = state === "retrying" ? `${attempt} ${retryAt}` : "";
    if (key === this.attempt) return;
    this.attempt = key;
    if (key === "") return;
    const seconds = retryAt === undefined ? "" : ` in ${Math.max(0, Math.ceil((retryAt - now) / 1_000))} s`;
    this.out(`Attempt ${attempt ?? 2}${seconds}${note ? `: ${note}` : ""}`);
  }

  ended(turn: Turn): void {
    if (!this.once(`turn ${turn.id}`)) return;
    const seconds = Math.round(((turn.endedAt ?? turn.createdAt) - turn.createdAt) / 1_000);
    const cost = turn.usage.cost > 0 ? `, $${turn.usage.cost.toFixed(turn.usage.cost < 1 ? 3 : 2)}` : "";
    if (turn.status === "ok") this.out(`Done, ${seconds} s${cost}.`);
    else if (turn.status === "failed") this.out(`Failed: ${turn.reason ?? "no reason was given"}`);
    else this.out(`Stopped: ${turn.reason ?? turn.status}`);
  }

  /** What was there before: the end of it is said, the rest is passed over. */
  private begin(session: SessionState): void {
    this.session = session.id;
    this.said = new Map();
    const finished = session.order.filter((id) => session.messages.get(id)!.finishedAt !== undefined);
    const passed = finished.slice(0, Math.max(0, finished.length - pastMessagesMax));
    for (const id of passed) this.said.set(`end ${id}`, 1);
    if (passed.length > 0 || session.more)
      this.out(`Earlier messages: crush session show ${session.session?.hash.slice(0, 7) ?? session.id}`);
    for (const turn of session.turns.values()) if (turn.endedAt !== undefined) this.said.set(`turn ${turn.id}`, 1);
  }

  /** True the first time. */
  private once(key: string): boolean {
    if (this.said.has(key)) return false;
    this.said.set(key, 1);
    return true;
  }

  private user(message: MessageState): void {
    const text = messageText(message);
    const at = this.sent.indexOf(text);
    if (at >= 0) this.sent.splice(at, 1);
    else this.lines("You: ", text);
  }

  private part(session: SessionState, message: MessageState, part: PartState): void {
    const key = `${message.id} ${part.index}`;
    if (part.kind === "text") this.text(key, message, part);
    else if (part.kind === "reasoning") {
      if (this.once(key)) this.out("Thinking.");
    } else if (part.done?.kind === "tool_call") {
      const { call, name, input } = part.done;
      if (this.once(key)) {
        const about = toolArgument(name, readInput(input)).replace(/\s+/g, " ").slice(0, callCharsMax);
        this.out(`Tool: ${toolLabel(name)}${about === "" ? "" : `: ${about}`}`);
      }
      const result = session.calls.get(call)?.result;
      if (result) this.result(result);
    } else if (part.done?.kind === "tool_result") this.result(part.done);
    else if (part.done?.kind === "file" && this.once(key)) this.out(`File: ${part.done.path}`);
  }

  private text(key: string, message: MessageState, part: PartState): void {
    const text = partText(part);
    const from = this.said.get(key) ?? 0;
    let upTo = text.length;
    if (part.done === undefined) {
      upTo = text.lastIndexOf("\n") + 1;
      if (text.length - Math.max(from, upTo) >= sentenceCharsMin) upTo = Math.max(upTo, endOfSentence(text));
    }
    if (upTo <= from) return;
    this.said.set(key, upTo);
    const first = from === 0 && this.once(`name ${message.turn} ${message.role}`);
    this.lines(first ? "Answer: " : "", text.slice(from, upTo).replace(/\n$/, ""));
  }

  private result({ call, text, isError, whole, meta }: ToolResultPart): void {
    if (!this.once(`result ${call}`)) return;
    if (meta?.denied) {
      this.out("Result: denied");
      return;
    }
    // What marks a file off for the model is of no use to an ear.
    const lines = text
      .replace(/\s+$/, "")
      .split("\n")
      .filter((each) => each !== "<file>" && each !== "</file>");
    const count = whole?.lines ?? lines.length;
    const facts = [
      ...(isError ? ["error"] : []),
      ...(meta?.exitCode === undefined ? [] : [`exit code ${meta.exitCode}`]),
      ...(meta?.additions === undefined ? [] : [`${meta.additions} lines added, ${meta.removals ?? 0} removed`]),
      `${count} ${count === 1 ? "line" : "lines"}`,
    ];
    this.out(`Result: ${facts.join(", ")}`);
    if (meta?.diff !== undefined) return;
    for (const each of lines.slice(0, resultLinesMax)) this.out(`  ${expandTabs(each)}`);
    if (count > resultLinesMax) this.out(`  and ${count - resultLinesMax} lines more`);
  }

  private lines(prefix: string, text: string): void {
    text.split("\n").forEach((each, i) => {
      this.out((i === 0 ? prefix : "") + expandTabs(each));
    });
  }
}

/** Behind the last sentence that is surely over. */
function endOfSentence(text: string): number {
  const found = [...text.slice(-2_000).matchAll(/[.!?:;。！？] +(?=\S)|[。！？]/gu)].at(-1);
  return found === undefined ? 0 : Math.max(0, text.length - 2_000) + found.index + found[0].length;
}
