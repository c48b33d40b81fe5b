// Builds everything into dist/: kernels with asc, server and workers as bundles, the client as one file.
//   node src/build/build.mjs [--only kernels,node] [--watch]
// dist/kernels/*.wasm   dist/serve.mjs dist/workers/*.mjs   dist/cli.cjs (the client)   dist/chunks/ (what is loaded when first needed)
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { rolldown } from "rolldown";
import { makeTokenTable } from "./make-token-table.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url)).replace(/[\\/]$/, "");
const dist = path.join(root, "dist");
const pkg = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));

/** Entries that exist, so that a tree without one of them (the UI, say) still builds the rest. */
const entries = (list) => Object.fromEntries(Object.entries(list).filter(([, file]) => fs.existsSync(path.join(root, file))));

/** Digest of all sources: names the build, so that a client can tell a stale server. */
function sourceId() {
  const hash = createHash("sha256");
  const walk = (dir) => {
    for (const entry of fs.readdirSync(dir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const file = path.join(dir, entry.name);
      if (entry.isDirectory()) walk(file);
      else hash.update(path.relative(root, file)).update(fs.readFileSync(file));
    }
  };
  for (const dir of ["src", "workers", "assembly"]) walk(path.join(root, dir));
  for (const file of ["package.json", "asconfig.json"]) hash.update(fs.readFileSync(path.join(root, file)));
  return hash.digest("hex").slice(0, 16);
}

async function buildKernels() {
  fs.mkdirSync(path.join(dist, "kernels"), { recursive: true });
  const options = JSON.parse(fs.readFileSync(path.join(root, "asconfig.json"), "utf8")).kernels ?? {};
  for (const name of fs.readdirSync(path.join(root, "assembly"))) {
    const entry = path.join("assembly", name, "index.ts");
    if (name === "abi" || name === "tables" || !fs.existsSync(path.join(root, entry))) continue;
    const out = path.join("dist", "kernels", `${name}.wasm`);
    const extra = options[name] ?? [];
    const { error, stderr } = await asc.main([entry, "--config", "asconfig.json", "--baseDir", root, "--outFile", out, ...extra]);
    if (error) throw new Error(`kernel ${name}: ${stderr.toString() || error.message}`);
  }
  if (makeTokenTable(path.join(dist, "kernels")) === "absent") console.warn("no vocabulary is installed: tokens will be estimated");
}

// Packages that bring files of their own (binaries, a worker script, WASM) or are optional stay outside; everything else is bundled:
// start-up is module loading, and one file loads several times faster than two hundred.
const outside = ["bufferutil", "utf-8-validate", /^node:(?!http$)/, "better-sqlite3", "piscina", /^@vscode\//];

const define = (build) => ({ __BUILD_ID__: JSON.stringify(build), __VERSION__: JSON.stringify(pkg.version) });
// Text for the model and SQL stay files of their own in the tree and strings in the bundle.
const moduleTypes = { ".md": "text", ".sql": "text" };

/**
 * Importing node:http as a module reads all its exports, and one of them loads the whole of undici (16 ms). Taken as an object
 * it does not.
 */
const httpAsObject = {
  name: "http-as-object",
  resolveId: (id) => (id === "node:http" ? "\0node-http" : null),
  load: (id) => (id === "\0node-http" ? 'module.exports = process.getBuiltinModule("node:http");' : null),
};

async function bundle(input, output, external, build, only) {
  if (Object.keys(input).length === 0) return [];
  const made = await rolldown({
    cwd: root,
    input,
    platform: "node",
    plugins: [httpAsObject],
    external,
    moduleTypes,
    // The ES modules of a package, so that the client holds only what it uses of it.
    ...(only ? { resolve: { mainFields: ["module", "main"] } } : {}),
    transform: { define: define(build) },
    onLog: (level, log, handler) => (log.code === "EVAL" ? undefined : handler(level, log)),
  });
  const { output: files } = await made.write({
    dir: dist,
    format: "esm",
    entryFileNames: "[name].mjs",
    chunkFileNames: "chunks/[name]-[hash].mjs",
    minify: only ? "dce-only" : false,
    sourcemap: false,
    ...output,
  });
  await made.close();
  return files.map((file) => path.join(dist, file.fileName));
}

/** A server of the build before may still load its chunks for a while. */
const chunkKeepMs = 10 * 60_000;

function dropOldChunks(written) {
  const kept = new Set(written);
  for (const name of fs.readdirSync(path.join(dist, "chunks"))) {
    const file = path.join(dist, "chunks", name);
    if (!kept.has(file) && Date.now() - fs.statSync(file).mtimeMs > chunkKeepMs) fs.rmSync(file);
  }
}

export async function build(only) {
  const id = sourceId();
  const started = performance.now();
  const want = (part) => !only || only.includes(part);
  if (want("kernels")) await buildKernels();
  if (want("node")) {
    const server = await bundle(
      entries({
        serve: "src/cli/serve.ts",
        "workers/session": "workers/session.ts",
        "workers/store": "workers/store.ts",
        "workers/compute": "workers/compute.ts",
        "workers/demo": "workers/demo.ts",
      }),
      {},
      outside,
      id,
    );
    // The client: one file, start-up is module loading. Rarely used commands are chunks of their own.
    // CommonJS: modules of Node are taken as they are, without making a namespace of all their exports (4 ms of each start).
    const common = { format: "cjs", entryFileNames: "[name].cjs", chunkFileNames: "chunks/[name]-[hash].cjs" };
    const client = await bundle(entries({ cli: "src/cli/main.ts" }), common, outside, id, true);
    dropOldChunks([...server, ...client]);
  }
  fs.writeFileSync(path.join(dist, "build.json"), `${JSON.stringify({ id, version: pkg.version })}\n`);
  console.log(`built ${id} in ${Math.round(performance.now() - started)} ms`);
}

if (import.meta.main ?? process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = process.argv.indexOf("--only");
  const only = at < 0 ? undefined : process.argv[at + 1].split(",");
  await build(only);
  if (process.argv.includes("--watch")) {
    let timer;
    for (const dir of ["src", "workers", "assembly"])
      fs.watch(path.join(root, dir), { recursive: true }, () => {
        clearTimeout(timer);
        timer = setTimeout(() => build(only).catch((error) => console.error(error.message)), 100);
      });
    console.log("watching src, workers, assembly");
  }
}
export { sourceId };
