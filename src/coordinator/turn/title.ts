import { randomUUID } from "node:crypto";
import type { Message } from "../../protocol/index.ts";
import { titleCharsMax } from "../../protocol/index.ts";
import { pin } from "../registry/pin.ts";
import type { OpenSession } from "../registry/sessions.ts";
import { sessionUpdate } from "../registry/update.ts";
import type { CompletionEnd, CompletionOwner } from "./completions.ts";
import { chooseModel } from "./model.ts";
import { completionRequest } from "./prepare.ts";
import type { RunnerParts } from "./runner.ts";
import instruction from "./title.md";

const titleTokens = 40;
/** Servers that do not keep the bound on tokens would write to the end of their wits, at the user's cost. */
const answerCharsMax = 300;
/** What a session list shows. */
const promptTitleChars = 50;
/** A prompt's beginning says what it is about; a pasted file behind it only costs. */
const promptCharsMax = 4_000;

const oneLine = (text: string): string => text.replace(/[\p{C}\p{Z}]+/gu, " ").trim();

/** Made once: a segmenter costs more than a title. */
let graphemes: Intl.Segmenter | undefined;

/** The title at once: the beginning of the prompt. */
export function promptTitle(text: string): string {
  graphemes ??= new Intl.Segmenter();
  const chars: string[] = [];
  for (const { segment } of graphemes.segment(oneLine(text.slice(0, promptCharsMax)))) {
    // One more tells that there is more.
    if (chars.push(segment) > promptTitleChars) break;
  }
  if (chars.length === 0) return "Untitled session";
  return chars.length <= promptTitleChars
    ? chars.join("")
    : `${chars
        .slice(0, promptTitleChars - 1)
        .join("")
        .trimEnd()}…`;
}

/** Asks the small model for a better title, beside the conversation. Failure is ignored: there is a title already. */
export async function improveTitle(entry: OpenSession, prompt: string, parts: RunnerParts): Promise<void> {
  const { options, workspaces, shards, completions, hub } = parts;
  const { clock, log } = options;
  const first = entry.session.title;
  try {
    const config = await workspaces.config(entry.session.workspace);
    // The demo is no model: it would name every session alike.
    if (config.demo) return;
    const model = await chooseModel(config, entry.smallModel, "small", options);
    // A name that no view shows, so that its text appears nowhere.
    const beside = `title:${entry.id}`;
    const asked: Message = {
      id: randomUUID(),
      session: beside,
      turn: beside,
      role: "user",
      createdAt: clock.now(),
      finishedAt: clock.now(),
      parts: [{ id: randomUUID(), index: 0, kind: "text", text: prompt.slice(0, promptCharsMax) }],
    };
    const completion = randomUUID();
    const message = randomUUID();
    const shard = pin(entry, () => shards.place());
    const owner: CompletionOwner = {
      delta: () => {},
      retry: () => {},
      activity: () => {},
      died: () => {},
      end({ message, outcome }: CompletionEnd) {
        shards.tell(shard, { t: "session.forget", session: beside });
        if (outcome.status !== "ok") return;
        const title = clean(message.parts.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join(""));
        // Renamed by somebody meanwhile: theirs stays.
        if (title === "" || entry.session.title !== first) return;
        hub
          .commit(entry.id, [sessionUpdate(entry, { title }, clock)])
          .catch((error: unknown) => log.warn("title not saved", { session: entry.id, error: String(error) }));
      },
    };
    completions.begin(completion, owner, shard, [message]);
    try {
      shards.send(shard, {
        t: "completion.start",
        session: beside,
        turn: beside,
        completion,
        message,
        attemptMessages: [],
        conversation: [asked],
        textCharsMax: answerCharsMax,
        request: { ...completionRequest(model, [instruction.trim()], [], titleTokens), retriesMax: 0 },
      });
    } catch (error) {
      completions.drop(completion);
      throw error;
    }
  } catch (error) {
    log.debug("no title from the model", { session: entry.id, error: String(error) });
  }
}

/** One line without what small models put around it. */
function clean(answer: string): string {
  const said = oneLine(answer.replace(/<think>.*?(<\/think>|$)/gs, ""));
  const bare = said
    .replace(/^title:\s*/i, "")
    .replace(/^(["'“„«])(.*)["'”“»]$/u, "$2")
    .trim();
  return bare.slice(0, titleCharsMax);
}
