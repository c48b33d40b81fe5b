// The harness for candidates that wait (streams, HTTP): rounds in which they take turns, medians of the rounds' ratios, the same report.
import fs from "node:fs";
import path from "node:path";
import { type Figure, type Report, smoke } from "../harness.ts";

/** `run` does all of the work once, or several times, and answers what once cost, in microseconds of whatever is claimed. */
export type Waiting = { name: string; floor?: number; run(): Promise<number> };
export type WaitingClaim = {
  name: string;
  gate(): Promise<void>;
  ours: Waiting;
  baselines: Waiting[];
  /** What `us` is divided by, for a figure an event. */
  events: number;
  rounds: number;
};

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

async function measureOne(one: WaitingClaim): Promise<Report> {
  await one.gate();
  const all = [one.ours, ...one.baselines];
  const times = all.map((): number[] => []);
  const rounds = smoke ? 1 : one.rounds;
  for (let round = 0; round < rounds; round++) for (const [i, candidate] of all.entries()) times[i]!.push(await candidate.run());
  const figures = all.map((candidate, i): Figure => {
    const us = median(times[i]!);
    const figure: Figure = { name: candidate.name, us: Number(us.toPrecision(4)), rate: `${(us / one.events).toPrecision(3)} us/event` };
    if (i === 0) return figure;
    const ratio = median(times[i]!.map((theirs, round) => theirs / times[0]![round]!));
    figure.ratio = Number(ratio.toPrecision(3));
    if (candidate.floor !== undefined) {
      figure.floor = candidate.floor;
      // A smoke run is too short to judge by.
      figure.ok = smoke || ratio >= candidate.floor;
    }
    return figure;
  });
  return { claim: one.name, smoke, rounds, figures, notes: {}, ok: figures.every((figure) => figure.ok !== false) };
}

/** Measures, prints, writes .bench/<name>.json, and fails the process when a claim is below its floor. */
export async function measureWaiting(name: string, claims: WaitingClaim[]): Promise<void> {
  const reports: Report[] = [];
  for (const claim of claims) {
    const report = await measureOne(claim);
    reports.push(report);
    console.log(`\n${report.claim}${report.ok ? "" : "   BELOW THE FLOOR"}`);
    console.table(Object.fromEntries(report.figures.map(({ name, ...figure }) => [name, figure])));
  }
  const out = path.join(import.meta.dirname, "../../.bench");
  fs.mkdirSync(out, { recursive: true });
  const machine = { node: process.version, platform: `${process.platform}-${process.arch}`, date: new Date().toISOString() };
  fs.writeFileSync(path.join(out, `${name}.json`), `${JSON.stringify({ machine, reports }, null, 2)}\n`);
  if (!reports.every((report) => report.ok)) process.exitCode = 1;
}
