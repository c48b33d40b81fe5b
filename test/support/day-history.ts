// What was said in a turn of a scripted day, and whether a session's messages say so.
import type { Message } from "../../src/protocol/index.ts";
import type { Client } from "../../src/sdk/index.ts";
import type { Edits, Step } from "./day-steps.ts";

/** `mark`: stands in the prompt, and nowhere else. `cost`: of all requests of the turn. */
export type Said = { mark: string; id: string; prompt: string; steps: Step[]; answer: string; edits: Edits; undone: boolean; cost: number };

const textOf = ({ parts }: Message): string => parts.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("");
/** What a message says, without the ids that a copy has of its own. */
export const shapeOf = ({ role, parts }: Message): string => JSON.stringify([role, parts.map(({ id: _, ...part }) => part)]);

/** What is not as it was said; nothing when all is. */
export function wrongIn(messages: readonly Message[], { prompt, steps, answer }: Said): string | undefined {
  const spoken = messages.filter(({ role }) => role !== "system");
  const roles = spoken.map(({ role }) => role).join(" ");
  const expected = ["user", ...steps.flatMap(({ calls }) => ["assistant", ...calls.map(() => "tool")]), "assistant"].join(" ");
  if (roles !== expected) return `${roles}, not ${expected}`;
  if (textOf(spoken[0]!) !== prompt) return `its prompt is ${textOf(spoken[0]!)}`;
  if (textOf(spoken.at(-1)!) !== answer) return `its answer is ${textOf(spoken.at(-1)!)}`;
  let next = 1;
  for (const [at, { text, calls, results }] of steps.entries()) {
    const said = spoken[next++]!;
    const done = spoken.slice(next, next + calls.length);
    next += calls.length;
    if (textOf(said) !== text) return `step ${at} says ${textOf(said)}`;
    const made = said.parts.flatMap((part) =>
      part.kind === "tool_call" ? [`${part.name} ${JSON.stringify(JSON.parse(part.input))}`] : [],
    );
    const wanted = calls.map(({ name, arguments: input }) => `${name} ${JSON.stringify(JSON.parse(input))}`);
    if (made.join("\n") !== wanted.join("\n")) return `step ${at} calls ${made.join("\n")}`;
    const told = done.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === "tool_result" ? [part] : [])));
    const missing = results.findIndex((each, i) => told[i]?.isError !== false || !each.every((piece) => told[i]!.text.includes(piece)));
    if (told.length !== results.length || missing >= 0) return `step ${at} got ${JSON.stringify(told)}`;
  }
  return undefined;
}

/** All messages of a session, the oldest first. */
export async function messagesOf(client: Client, session: string): Promise<Message[]> {
  const all: Message[] = [];
  for (;;) {
    const { messages, more } = await client.request("session.messages", {
      session,
      ...(all[0] && { before: all[0].id }),
      limit: 100,
    });
    all.unshift(...messages);
    if (!more) return all;
  }
}
