// Writes dist/kernels/o200k.bin: the tokens of o200k_base (from the tiktoken package) and the classes of all code points (from the
// Unicode data of this runtime), as the tokens kernel wants them. Made when it is absent or its inputs have changed: 0.2 s.
//   header, little endian u32: magic, format, CRC-32 of all behind these 12 bytes, tokens, bytes of tokens, bytes of index, bytes of blocks
//   32 bytes: SHA-256 of the inputs    then: length of each token (u8), their bytes, CLASS_INDEX (u16), CLASS_BLOCKS (abi/tokens.ts)
// The hash table is not in the file: the kernel fills it in less time than it takes to read its 6 MB.
import { createHash } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";

const magic = 0x6b32306f;
const format = 1;
const headerBytes = 60;
const digestAt = 28;
const blockSize = 128;

const other = 1;
/** What the pattern of o200k tells apart, and the CLASS_ bit of each. JavaScript's \s is not Unicode's White_Space. */
const classes = [
  [/[\p{Lu}\p{Lt}]+/gu, 2],
  [/\p{Ll}+/gu, 4],
  [/[\p{Lm}\p{Lo}]+/gu, 8],
  [/\p{M}+/gu, 16],
  [/\p{N}+/gu, 32],
  [/\p{White_Space}+/gu, 64],
  [/[\r\n]+/gu, 128],
];

function classify() {
  const all = new Uint8Array(0x110000).fill(other);
  // Plane by plane, surrogates left out: they are no text.
  for (let from = 0; from < 0x110000; from = from === 0 ? 0xe000 : (from & 0xff0000) + 0x10000) {
    const until = from === 0 ? 0xd800 : (from & 0xff0000) + 0x10000;
    const wide = from > 0xffff ? 2 : 1;
    const codes = [];
    for (let cp = from; cp < until; cp++) codes.push(cp);
    let text = "";
    for (let at = 0; at < codes.length; at += 8_192) text += String.fromCodePoint(...codes.slice(at, at + 8_192));
    for (const [pattern, bit] of classes)
      for (const run of text.matchAll(pattern)) all.fill(bit, from + run.index / wide, from + (run.index + run[0].length) / wide);
  }
  return all;
}

/** In two stages: equal blocks are kept once. */
function inBlocks(all) {
  const index = Buffer.alloc((all.length / blockSize) * 2);
  const known = new Map();
  const blocks = [];
  for (let at = 0; at < all.length; at += blockSize) {
    const block = Buffer.from(all.subarray(at, at + blockSize));
    const key = block.toString("latin1");
    if (!known.has(key)) known.set(key, blocks.push(block) - 1);
    index.writeUInt16LE(known.get(key), (at / blockSize) * 2);
  }
  return { index, blocks: Buffer.concat(blocks) };
}

/** Lines of `! first token token ...`, tokens in base64, ranks counted up from `first`. */
function readTokens(file) {
  const { bpe_ranks } = JSON.parse(fs.readFileSync(file, "utf8"));
  const tokens = [];
  for (const line of bpe_ranks.split("\n")) {
    const [, first, ...words] = line.split(" ");
    for (const [i, word] of words.entries()) tokens[Number(first) + i] = Buffer.from(word, "base64");
  }
  for (let rank = 0; rank < tokens.length; rank++) if (tokens[rank] === undefined) throw new Error(`o200k_base has no token ${rank}`);
  return tokens;
}

/** Without the package there is no table, and counts are estimates. Returns what was done. */
export function makeTokenTable(directory) {
  const out = path.join(directory, "o200k.bin");
  let file;
  let version;
  try {
    const require = createRequire(import.meta.url);
    const home = path.dirname(require.resolve("tiktoken"));
    file = path.join(home, "encoders/o200k_base.json");
    ({ version } = JSON.parse(fs.readFileSync(path.join(home, "package.json"), "utf8")));
  } catch {
    return fs.existsSync(out) ? "kept" : "absent";
  }
  const self = fs.readFileSync(fileURLToPath(import.meta.url));
  const inputs = createHash("sha256").update(`${version} ${process.versions.unicode}\n`).update(self).digest();
  try {
    const handle = fs.openSync(out, "r");
    const header = Buffer.alloc(headerBytes);
    fs.readSync(handle, header, 0, headerBytes, 0);
    fs.closeSync(handle);
    if (header.subarray(digestAt, headerBytes).equals(inputs)) return "kept";
  } catch {}
  const tokens = readTokens(file);
  const lengths = Buffer.from(tokens.map((token) => token.length));
  const bytes = Buffer.concat(tokens);
  const { index, blocks } = inBlocks(classify());
  const header = Buffer.alloc(headerBytes);
  const rest = [lengths, bytes, index, blocks];
  for (const [i, word] of [magic, format, 0, tokens.length, bytes.length, index.length, blocks.length].entries())
    header.writeUInt32LE(word, i * 4);
  inputs.copy(header, digestAt);
  const whole = Buffer.concat([header, ...rest]);
  whole.writeUInt32LE(crc32(whole.subarray(12)), 8);
  fs.mkdirSync(directory, { recursive: true });
  fs.writeFileSync(`${out}.${process.pid}`, whole);
  fs.renameSync(`${out}.${process.pid}`, out);
  return "made";
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const directory = fileURLToPath(new URL("../../dist/kernels", import.meta.url));
  const started = performance.now();
  console.log(`o200k.bin: ${makeTokenTable(directory)} in ${Math.round(performance.now() - started)} ms`);
}
