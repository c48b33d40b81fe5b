// node bench/bars/frames.ts [FRAMES] [SEED]
// Random frames at all colour depths, with links, wide cells at edges, REP, ECH, EL, scroll regions and inline commits, each compared
// with xterm.js cell by cell. Must be: 0 wrong cells in 100,000 frames.
import { randomFrames, randomInline } from "../../test/support/frame-run.ts";

const frames = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? 42);
let told = Date.now();
const full = randomFrames(Math.round(frames * 0.9), seed, (run) => {
  if (Date.now() - told < 10_000) return;
  told = Date.now();
  console.log(`${run.frames} frames, ${run.wrong.length} episodes with wrong cells`);
});
const inline = randomInline(Math.round(frames * 0.1), seed);
for (const wrong of [...full.wrong, ...inline.wrong].slice(0, 20)) console.log(wrong);
const wrong = full.wrong.length + inline.wrong.length;
const used = Object.entries(full.used).sort(([, a], [, b]) => b - a);
console.log(`frames with each sequence: ${used.map(([kind, count]) => `${kind} ${count}`).join(", ")}`);
console.log(
  `${full.frames} full and ${inline.frames} inline frames, ${full.bytes + inline.bytes} bytes: ${wrong} episodes with wrong cells`,
);
if (wrong > 0) process.exitCode = 1;
