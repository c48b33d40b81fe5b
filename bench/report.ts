// What a bench tells: tables for people, .bench/NAME.json for programs, and how a run differs from an earlier one.
import fs from "node:fs";
import path from "node:path";

/** A candidate of a ratio claim: ours first, then each baseline with how many times as long it took. */
export type Figure = { name: string; us: number; rate?: string; ratio?: number; floor?: number; ok?: boolean };
/** A figure of its own, in `unit`. `limit` is what fails the bench: less than it, or more where `atMost`. */
export type Value = { name: string; value: number; unit: string; limit?: number; atMost?: boolean; ok?: boolean };
export type Report = {
  claim: string;
  smoke: boolean;
  rounds: number;
  figures: Figure[];
  values?: Value[];
  notes: Record<string, number | string>;
  ok: boolean;
};
type Machine = { node: string; platform: string; date: string };
type File = { machine: Machine; reports: Report[] };
/** One run: reports by bench. */
export type Run = { machine: Machine; benches: Record<string, Report[]> };

const out = path.join(import.meta.dirname, "../.bench");
const machine = (): Machine => ({ node: process.version, platform: `${process.platform}-${process.arch}`, date: new Date().toISOString() });

/** A value with its verdict. A smoke run is too short to judge by. */
export function value(name: string, amount: number, unit: string, limit?: { atLeast: number } | { atMost: number }, smoke = false): Value {
  const made: Value = { name, value: Number(amount.toPrecision(4)), unit };
  if (limit === undefined) return made;
  const most = "atMost" in limit;
  const bound = most ? limit.atMost : limit.atLeast;
  return { ...made, limit: bound, ...(most ? { atMost: true } : {}), ok: smoke || (most ? amount <= bound : amount >= bound) };
}

/** Prints the reports of a bench, writes its file, and fails the process when a claim is below its floor. */
export function publish(name: string, reports: Report[]): void {
  for (const { claim, ok, figures, values, notes } of reports) {
    console.log(`\n${claim}${ok ? "" : "   BELOW THE FLOOR"}`);
    if (figures.length > 0) console.table(Object.fromEntries(figures.map(({ name, ...figure }) => [name, figure])));
    if (values) console.table(Object.fromEntries(values.map(({ name, ...each }) => [name, each])));
    if (Object.keys(notes).length > 0) console.log(notes);
  }
  fs.mkdirSync(out, { recursive: true });
  fs.writeFileSync(path.join(out, `${name}.json`), `${JSON.stringify({ machine: machine(), reports } satisfies File, null, 2)}\n`);
  if (!reports.every((report) => report.ok)) process.exitCode = 1;
}

/** Puts the files of the named benches together. @returns where: what `--compare` takes */
export function gather(names: readonly string[], started: Date): { file: string; run: Run } {
  const benches: Record<string, Report[]> = {};
  for (const name of names) {
    const file = path.join(out, `${name}.json`);
    // What is older than this run is not of it.
    if (fs.existsSync(file) && fs.statSync(file).mtime >= started)
      benches[name] = (JSON.parse(fs.readFileSync(file, "utf8")) as File).reports;
  }
  const run: Run = { machine: machine(), benches };
  const file = path.join(out, `run-${started.toISOString().replaceAll(/[:.]/g, "-")}.json`);
  fs.mkdirSync(out, { recursive: true });
  fs.writeFileSync(file, `${JSON.stringify(run, null, 2)}\n`);
  return { file, run };
}

/** @throws Error when the file is no run of this bench */
export function readRun(file: string): Run {
  const run = JSON.parse(fs.readFileSync(file, "utf8")) as Partial<Run>;
  if (typeof run.benches !== "object") throw new Error(`${file} is no run: give the file that an earlier \`npm run bench\` has named`);
  return run as Run;
}

type Change = { before: number; now: number; unit: string; change: string };

/** What both runs have measured, by name; ratios to baselines where there are some, for times of two runs are of two moments. */
export function changes(before: Run, now: Run): Map<string, Change> {
  const all = new Map<string, Change>();
  const numbers = (run: Run): Map<string, { value: number; unit: string }> => {
    const found = new Map<string, { value: number; unit: string }>();
    for (const [bench, reports] of Object.entries(run.benches))
      for (const { claim, figures, values } of reports) {
        for (const { name, ratio } of figures)
          if (ratio !== undefined) found.set(`${bench}: ${claim} / ${name}`, { value: ratio, unit: "x" });
        for (const each of values ?? []) found.set(`${bench}: ${claim} / ${each.name}`, each);
      }
    return found;
  };
  const earlier = numbers(before);
  for (const [name, { value, unit }] of numbers(now)) {
    const was = earlier.get(name);
    if (!was) continue;
    const percent = was.value === 0 ? 0 : (value / was.value - 1) * 100;
    all.set(name, { before: was.value, now: value, unit, change: `${percent >= 0 ? "+" : ""}${percent.toFixed(1)} %` });
  }
  return all;
}
