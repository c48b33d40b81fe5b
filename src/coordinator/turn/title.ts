import { titleCharsMax } from "../../protocol/index.ts";
import type { OpenSession } from "../registry/sessions.ts";
import { askBeside, spentUpdate } from "./beside.ts";
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
  const { log } = options;
  const first = entry.session.title;
  try {
    const config = await workspaces.config(entry.session.workspace);
    // The demo is no model: it would name every session alike.
    if (config.demo) return;
    const model = await chooseModel(config, entry.smallModel, "small", options);
    const answer = await askBeside(
      {
        entry,
        name: "title",
        model,
        text: prompt.slice(0, promptCharsMax),
        textCharsMax: answerCharsMax,
        request: { ...completionRequest(model, [instruction.trim()], [], titleTokens), retriesMax: 0 },
      },
      { options, shards, completions },
    );
    if (answer === "canceled" || "fault" in answer) return;
    const title = clean(answer.text);
    // Renamed by somebody meanwhile: theirs stays.
    const change = title === "" || entry.session.title !== first ? {} : { title };
    entry.session = { ...entry.session, ...change };
    hub
      .commit(entry.id, [spentUpdate(entry, answer.usage, undefined, options)])
      .catch((error: unknown) => log.warn("title not saved", { session: entry.id, error: String(error) }));
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
