// node bench/bars/replay.ts
// The four recorded sessions in all pieces with all faults: every one must pass.
import { openProduct } from "../../test/support/product.ts";
import { cassettes, replay } from "../../test/support/replay-run.ts";

const chunks = ["event", "1", "rand:1"];
const faults = ["", "drop@1", "429@1", "500@1", "529@1", "stall@1:2000"];
await using product = await openProduct();
await product.serve();
let passed = 0;
let failed = 0;
for (const cassette of cassettes)
  for (const chunk of chunks)
    for (const fault of faults) {
      const wrong = await replay(product, { cassette, chunk, fault });
      if (wrong.length === 0) passed++;
      else {
        failed++;
        console.log(`FAILED ${cassette} ${chunk} ${fault}: ${wrong.join("; ")}`);
      }
    }
console.log(`${passed} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;
