// node bench/bars/stream-errors.ts [--lanes 10]
// HTTP errors, errors inside of streams and streams that are cut, served to the real product in front of good answers: text is kept, the
// turn fails or is repeated as it should, no tool runs with what was cut, nothing hangs: 0 wrong.
import { parseArgs } from "node:util";
import { streamErrorsRun } from "../../test/support/stream-errors-run.ts";

const { values } = parseArgs({ options: { lanes: { type: "string", default: "10" } } });
const figures = await streamErrorsRun({ lanes: Number(values.lanes) });
console.log(figures);
if (figures.wrong.length > 0) process.exitCode = 1;
