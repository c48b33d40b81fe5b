// node bench/bars/slow-reader.ts [--answers 60] [--bytes 1000000]
// A client stops reading while its session streams: memory of the server, and what another client notices.
import { parseArgs } from "node:util";
import { slowRun } from "../../test/support/slow-run.ts";

const { values } = parseArgs({ options: { answers: { type: "string", default: "60" }, bytes: { type: "string", default: "1000000" } } });
console.log(await slowRun({ answers: Number(values.answers), answerBytes: Number(values.bytes), compare: true }));
