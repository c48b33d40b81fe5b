// node bench/bars/kill.ts [--kills 200] [--sessions 20] [--between 700]
// kill -9 of the server at random moments while sessions prompt: no acknowledged message lost, integrity ok, each client reattached, one
// turn.completed a turn, no event lost or repeated. Fails with the broken promise, else prints the figures.
import { parseArgs } from "node:util";
import { killRun } from "../../test/support/kill-run.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    sessions: { type: "string", default: "20" },
    between: { type: "string", default: "700" },
  },
});
const figures = await killRun({
  kills: Number(values.kills),
  sessions: Number(values.sessions),
  betweenMs: Number(values.between),
  killed: (count) => count % 20 === 0 && console.error(`${count} kills`),
});
console.log(figures);
