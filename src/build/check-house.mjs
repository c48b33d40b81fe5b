// Three proofs that the house is right, and the rules that no linter knows. Prints file:line for each breach.
//   1. piscina and worker_threads are named in src/coordinator/link and workers/ only
//   2. the client bundle holds no zod, undici or better-sqlite3, and nothing of Node that slows each start
//   3. without src/ui everything but workers/session.ts still compiles
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url)).replace(/[\\/]$/, "");
process.chdir(root);
const breaches = [];

const files = (dir) =>
  fs.existsSync(dir)
    ? fs
        .readdirSync(dir, { recursive: true, withFileTypes: true })
        .filter((e) => e.isFile())
        .map((e) => path.join(e.parentPath, e.name))
    : [];
const lines = (file) => fs.readFileSync(file, "utf8").split("\n");

// 1
for (const file of files("src").filter((f) => f.endsWith(".ts") && !f.startsWith("src/coordinator/link/")))
  lines(file).forEach((line, at) => {
    if (/(from|import\()\s*"(node:)?(piscina|worker_threads)"/.test(line)) breaches.push(`${file}:${at + 1} names a thread package`);
  });

// 2
for (const file of ["dist/cli.cjs", ...files("dist/chunks").filter((f) => /\.[cm]js$/.test(f))]) {
  if (!fs.existsSync(file)) {
    breaches.push(`${file} is missing: npm run build`);
    continue;
  }
  const text = fs.readFileSync(file, "utf8");
  // Of Node's own what takes milliseconds of each start: crypto 5, fs/promises 1.5.
  for (const name of ["zod", "undici", "better-sqlite3", "node:crypto", "node:fs/promises"])
    if (file === "dist/cli.cjs" && (text.includes(`node_modules/${name}/`) || new RegExp(`(?:from ?|require\\()"${name}"`).test(text)))
      breaches.push(`${file} holds ${name}`);
}

// 3
const config = path.join(root, "tsconfig.without-ui.json");
fs.writeFileSync(
  config,
  JSON.stringify({ extends: "./tsconfig.json", include: ["src", "workers"], exclude: ["src/ui", "workers/session.ts"] }),
);
const tsc = spawnSync(process.execPath, ["node_modules/typescript-native/bin/tsc", "-p", config, "--listFilesOnly"], { encoding: "utf8" });
for (const file of tsc.stdout.split("\n").filter((f) => f.includes("/src/ui/")))
  breaches.push(`${path.relative(root, file)} is needed by something other than workers/session.ts`);
const compiled = spawnSync(process.execPath, ["node_modules/typescript-native/bin/tsc", "-p", config], { encoding: "utf8" });
if (compiled.status !== 0) breaches.push(`without src/ui: ${compiled.stdout.split("\n")[0]}`);
fs.rmSync(config);

// Words of the kernels' ABI are read by asc and by tsc: constants only.
for (const file of files("assembly/abi"))
  lines(file).forEach((line, at) => {
    if (/^[^/]*:\s*(i32|u32|usize|number)\b/.test(line) || /^\s*(type|interface|enum|class)\b/.test(line))
      breaches.push(`${file}:${at + 1} has a type: the ABI holds constants only`);
  });

// Text that must not be in the tree.
for (const file of [...files("src"), ...files("workers")].filter((f) => f.endsWith(".ts")))
  lines(file).forEach((line, at) => {
    if (/\/\/\s*(TODO|FIXME|XXX)\b/.test(line)) breaches.push(`${file}:${at + 1} is unfinished: ${line.trim()}`);
    if (/^\s*debugger;/.test(line)) breaches.push(`${file}:${at + 1} debugger`);
  });

if (breaches.length > 0) {
  console.error(breaches.join("\n"));
  console.error(`${breaches.length} breaches of the house`);
  process.exit(1);
}
console.log("the house is in order");
