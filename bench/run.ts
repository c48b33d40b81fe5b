// npm run bench [-- NAME...] [--smoke] [--compare FILE]: runs bench/NAME.ts, or all. Each in a process of its own, so that none warms or
// burdens the next. Figures go to .bench/NAME.json and, together, to a file that a later run's --compare takes. Fails when a bench
// fails or a claim is below its floor; --smoke only checks that all run and agree.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { type Claim, measure, smoke } from "./harness.ts";
import { changes, gather, publish, readRun } from "./report.ts";

const here = import.meta.dirname;
const { values, positionals } = parseArgs({
  options: { one: { type: "string" }, smoke: { type: "boolean" }, compare: { type: "string" } },
  allowPositionals: true,
});
const { one, compare: compared } = values;

/** A file whose default export is no claim measures by itself when it is loaded. */
async function runFile(name: string): Promise<void> {
  const { default: claims } = (await import(pathToFileURL(path.join(here, `${name}.ts`)).href)) as { default?: Claim | Claim[] };
  if (claims === undefined) return;
  publish(
    name,
    [claims].flat().map((claim) => measure(claim)),
  );
}

function runAll(names: string[]): void {
  const started = new Date();
  const before = compared === undefined ? undefined : readRun(compared);
  const failed = names.filter((name) => {
    console.log(`\n== ${name}`);
    const args = ["--no-warnings", path.join(here, "run.ts"), "--one", name, ...(smoke ? ["--smoke"] : [])];
    return spawnSync(process.execPath, args, { stdio: "inherit", cwd: path.dirname(here) }).status !== 0;
  });
  const { file, run } = gather(names, started);
  if (before) {
    console.log("\nagainst the earlier run");
    console.table(Object.fromEntries(changes(before, run)));
  }
  console.log(`\nwrote ${path.relative(process.cwd(), file)}`);
  console.log(failed.length === 0 ? `\n${names.length} benches ok` : `\nfailed: ${failed.join(", ")}`);
  if (failed.length > 0) process.exitCode = 1;
}

if (one !== undefined) await runFile(one);
else {
  const all = fs
    .readdirSync(here)
    .filter((file) => file.endsWith(".ts") && !["run.ts", "harness.ts", "report.ts"].includes(file))
    .map((file) => path.basename(file, ".ts"))
    .sort();
  const asked = positionals;
  const unknown = asked.filter((name) => !all.includes(name));
  if (unknown.length > 0) {
    console.error(`No bench named ${unknown.join(", ")}; there are: ${all.join(", ")}`);
    process.exitCode = 2;
  } else runAll(asked.length > 0 ? asked : all);
}
