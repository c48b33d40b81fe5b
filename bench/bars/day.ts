// node bench/bars/day.ts [--turns 300] [--seed N]
// One scripted day in the real product: 300 turns with tools on four providers in turn, 2 compactions, 3 forks, 20 undos, a restart of the
// server. Must be: files byte-exact after each undo and redo, the history complete, one turn.completed a turn, and the cost the sum of
// usage x price over all requests that were answered.
import { parseArgs } from "node:util";
import { dayRun } from "../../test/support/day-run.ts";

const { values } = parseArgs({ options: { turns: { type: "string", default: "300" }, seed: { type: "string", default: "1" } } });
const { checks, done, wrong, cost, seconds } = await dayRun({ turns: Number(values.turns), seed: Number(values.seed) });
console.table(checks);
console.table({ ...done, "cost, $": Number(cost.toFixed(6)), seconds: Number(seconds.toFixed(1)) });
for (const one of wrong) console.log(`FAILED ${one}`);
const passed = Object.values(checks).reduce((sum, check) => sum + check.passed, 0);
console.log(`${passed} passed, ${wrong.length} failed`);
if (wrong.length > 0) process.exitCode = 1;
