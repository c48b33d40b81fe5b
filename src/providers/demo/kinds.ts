// What the demo can be asked for: one entry a kind, tried in order.
import { change } from "./change.ts";
import type { Move } from "./chat.ts";
import helpText from "./help.md";
import { overview } from "./overview.ts";
import { readOne } from "./read.ts";
import { run } from "./run.ts";
import { end, type Kind } from "./script.ts";
import { search } from "./search.ts";

const asked = /^(hi|hello|hey|good (morning|day|evening))\b|\bhelp\b|\bwho are you\b|\bwhat (are|can) you\b|\bwh(ich|at) model\b/i;
const help: Kind = { name: "help", next: ({ request }) => (asked.test(request) ? end(helpText.trim()) : undefined) };

/** What names a thing goes before what only sounds like a subject: "create overview.md" is no overview. */
export const kinds: readonly Kind[] = [change, run, search, readOne, overview, help];

/** What no script knows. It says so, and does nothing. */
export const unknown = (): Move => end(`I do not understand that: I look for key words, and found none.\n\n${helpText.trim()}`);
