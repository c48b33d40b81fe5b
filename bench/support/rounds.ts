// The harness for candidates that wait (streams, HTTP): rounds in which they take turns, medians of the rounds' ratios, the same report.
import { smoke } from "../harness.ts";
import { type Figure, publish, type Report } from "../report.ts";
import { median } from "./median.ts";

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

/** Measures one claim after the other and tells them. */
export async function measureWaiting(name: string, claims: WaitingClaim[]): Promise<void> {
  const reports: Report[] = [];
  for (const claim of claims) reports.push(await measureOne(claim));
  publish(name, reports);
}
