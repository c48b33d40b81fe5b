// node bench/bars/disconnects.ts [--disconnects 500] [--sessions 10]
// A client leaves and comes back with `subscribe after` at random moments while turns stream: 0 events lost, 0 repeated, order kept.
import { parseArgs } from "node:util";
import { disconnectRun } from "../../test/support/disconnect-run.ts";

const { values } = parseArgs({ options: { disconnects: { type: "string", default: "500" }, sessions: { type: "string", default: "10" } } });
console.log(await disconnectRun({ disconnects: Number(values.disconnects), sessions: Number(values.sessions) }));
