// What a bench file says, and how it is measured. A file in bench/ exports one claim or several as its default:
//   import { claim } from "./harness.ts";
//   export default claim({ name, gate, ours, baselines: [{ name, run, floor }], work: { amount, unit } });
// No equality, no number: `gate` must throw when the candidates do not do the same.

import type { Figure, Report } from "./report.ts";
import { median } from "./support/median.ts";

/** One way to do the work. `run` does all of it once. */
export type Candidate = { name: string; run(): void };

export type Claim = {
  name: string;
  /** Throws when ours and the baselines differ. Runs first. */
  gate(): void;
  ours: Candidate;
  /** `floor`: at least so many times as fast is ours, or the bench fails. About half of what was measured when it was written. */
  baselines: (Candidate & { floor?: number })[];
  /** What one run gets done, for a figure beside the ratio: {amount: 3.5, unit: "MB"} prints MB/s. */
  work?: { amount: number; unit: string };
  /** More figures, told after the timing. */
  notes?(): Record<string, number | string>;
};

export const smoke: boolean = process.argv.includes("--smoke");

/** Each candidate runs at least so long a round, so that the clock and a collection of garbage are small beside it. */
const roundMs = 25;
const rounds = smoke ? 3 : 15;

export function claim(one: Claim): Claim {
  return one;
}

/** Microseconds of one run, over as many as fill a round. */
function time(candidate: Candidate): number {
  const start = process.hrtime.bigint();
  const until = start + BigInt(smoke ? 0 : roundMs * 1e6);
  let runs = 0;
  let now = start;
  while (runs === 0 || now < until) {
    candidate.run();
    runs++;
    now = process.hrtime.bigint();
  }
  return Number(now - start) / runs / 1_000;
}

/** Candidates take turns, so that a busy moment of the machine hits all; a ratio is the median of the rounds' ratios. */
export function measure(one: Claim): Report {
  one.gate();
  const all = [one.ours, ...one.baselines];
  for (const candidate of all) candidate.run();
  const times = all.map((): number[] => []);
  for (let round = 0; round < rounds; round++) for (const [i, candidate] of all.entries()) times[i]!.push(time(candidate));
  const figures = all.map((candidate, i): Figure => {
    const us = median(times[i]!);
    const figure: Figure = { name: candidate.name, us: Number(us.toPrecision(4)) };
    if (one.work) figure.rate = `${((one.work.amount / us) * 1e6).toPrecision(3)} ${one.work.unit}/s`;
    if (i === 0) return figure;
    const ratio = median(times[i]!.map((theirs, round) => theirs / times[0]![round]!));
    const { floor } = one.baselines[i - 1]!;
    figure.ratio = Number(ratio.toPrecision(3));
    if (floor !== undefined) {
      figure.floor = floor;
      // A smoke run is too short to judge by.
      figure.ok = smoke || ratio >= floor;
    }
    return figure;
  });
  return { claim: one.name, smoke, rounds, figures, notes: one.notes?.() ?? {}, ok: figures.every((figure) => figure.ok !== false) };
}
