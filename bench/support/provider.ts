// The simulator in a process of its own, so that its CPU is nobody else's. Started with fork(): sends its address, then streams the
// text of each request's last word count. A title is asked for with `max_tokens` of 40: it gets four words at once.
import { openSimulator } from "../../test/support/simulator.ts";

const [text, rate] = process.argv.slice(2) as [string, string];
const titleTokens = 40;

const simulator = await openSimulator();
simulator.play(({ body }) =>
  body.max_tokens === titleTokens || body.max_completion_tokens === titleTokens
    ? { text: "What the session does" }
    : { text, rate: Number(rate) },
);
process.send!(simulator.url);
process.on("disconnect", () => process.exit(0));
