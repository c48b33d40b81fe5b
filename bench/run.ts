// npm run bench [-- NAME...] [--smoke]: runs bench/NAME.ts, or all. Each in a process of its own, so that none warms or burdens the
// next. Figures go to .bench/NAME.json. Fails when a file fails or a claim is below its floor; --smoke only checks that all run and agree.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Claim, measure, type Report, smoke } from "./harness.ts";

const here = import.meta.dirname;
const out = path.join(here, "../.bench");
const one = process.argv.indexOf("--one");

/** A file whose default export is no claim measures by itself when it is loaded. */
async function runFile(name: string): Promise<void> {
  const { default: claims } = (await import(pathToFileURL(path.join(here, `${name}.ts`)).href)) as { default?: Claim | Claim[] };
  if (claims === undefined) return;
  const reports: Report[] = [];
  for (const claim of [claims].flat()) {
    const report = measure(claim);
    reports.push(report);
    console.log(`\n${report.claim}${report.ok ? "" : "   BELOW THE FLOOR"}`);
    console.table(Object.fromEntries(report.figures.map(({ name, ...figure }) => [name, figure])));
    if (Object.keys(report.notes).length > 0) console.log(report.notes);
  }
  fs.mkdirSync(out, { recursive: true });
  const machine = { node: process.version, platform: `${process.platform}-${process.arch}`, date: new Date().toISOString() };
  fs.writeFileSync(path.join(out, `${name}.json`), `${JSON.stringify({ machine, reports }, null, 2)}\n`);
  if (!reports.every((report) => report.ok)) process.exitCode = 1;
}

function runAll(names: string[]): void {
  const failed = names.filter((name) => {
    console.log(`\n== ${name}`);
    const args = ["--no-warnings", path.join(here, "run.ts"), "--one", name, ...(smoke ? ["--smoke"] : [])];
    return spawnSync(process.execPath, args, { stdio: "inherit", cwd: path.dirname(here) }).status !== 0;
  });
  console.log(failed.length === 0 ? `\n${names.length} benches ok` : `\nfailed: ${failed.join(", ")}`);
  if (failed.length > 0) process.exitCode = 1;
}

if (one > 0) await runFile(process.argv[one + 1]!);
else {
  const all = fs
    .readdirSync(here)
    .filter((file) => file.endsWith(".ts") && !["run.ts", "harness.ts"].includes(file))
    .map((file) => path.basename(file, ".ts"))
    .sort();
  const asked = process.argv.slice(2).filter((word) => !word.startsWith("--"));
  const unknown = asked.filter((name) => !all.includes(name));
  if (unknown.length > 0) {
    console.error(`No bench named ${unknown.join(", ")}; there are: ${all.join(", ")}`);
    process.exitCode = 2;
  } else runAll(asked.length > 0 ? asked : all);
}
