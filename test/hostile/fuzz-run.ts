// node test/hostile/fuzz-run.ts [frames] [seed]: the fuzz of the test, as long as wanted. Exit code 1 on any failure.
import { fuzz } from "./fuzz.ts";

const [frames = "100000", seed = String(Date.now() % 1e9)] = process.argv.slice(2);
const started = performance.now();
const report = await fuzz(Number(frames), Number(seed));
console.log(
  JSON.stringify(
    {
      seed: Number(seed),
      seconds: Math.round((performance.now() - started) / 100) / 10,
      rssMb: Math.round(process.memoryUsage().rss / 1e6),
      ...report,
    },
    null,
    2,
  ),
);
process.exitCode = report.failures.length > 0 ? 1 : 0;
