// Claim (facts: kernels, section 3b): tokens of o200k_base, from bytes, against gpt-tokenizer and tiktoken, ids exact.
// Input is made here: code, prose about code, and Chinese, Japanese and Korean text, about 200 KB.
import assert from "node:assert/strict";
import fs from "node:fs";
import { clearMergeCache, countTokens, encode } from "gpt-tokenizer/encoding/o200k_base";
import { get_encoding } from "tiktoken";
import { openTokenizer, type WasmTokenizer } from "../src/kernels/tokens.ts";
import { claim, smoke } from "./harness.ts";

const kernels = "dist/kernels";

const code = ["src/kernels/diff.ts", "src/session/completion/conversation.ts", "src/coordinator/turn/runner.ts", "src/compute/diff.ts"];
const prose = ["README.md", "CONTRIBUTING.md", "src/prompt/system.md"];
/** Sentences in turn, numbers in between, so that the same stretch does not come twice. */
const sentences = [
  "终端里的编码助手会逐字显示模型的回答，并在写入文件之前先征求用户的同意。",
  "日本語の文章には漢字とひらがな、カタカナが混ざり、単語の間に空白がありません。",
  "한국어 문장은 띄어쓰기가 있으며 조사와 어미가 단어 뒤에 붙습니다.",
  "Die Größe des Fensters ändert sich, naïve Schätzungen tun es nicht. 🎉👍🏽",
];
const read = (files: string[]): string => files.map((file) => fs.readFileSync(file, "utf8")).join("\n");
const fill = (text: string, chars: number): string => text.repeat(Math.ceil(chars / text.length)).slice(0, chars);
const scale = smoke ? 0.1 : 1;
const cjk = Array.from({ length: 600 * scale }, (_, i) => `${sentences[i % 4]}${i * 7919}\n`).join("");
const text = `${fill(read(code), 80_000 * scale)}\n${fill(read(prose), 60_000 * scale)}\n${cjk}`;
const bytes = Buffer.from(text);

const started = performance.now();
const before = process.memoryUsage.rss();
const ours = openTokenizer(kernels, "wasm") as WasmTokenizer;
const loadMs = performance.now() - started;
ours.count(bytes);
/** The table, its file as it was read, and what was touched of the rest. */
const residentMB = (process.memoryUsage.rss() - before) / 1e6;
const plain = openTokenizer(kernels, "plain")!;
const tiktoken = get_encoding("o200k_base");

const base64 = Buffer.from(Array.from({ length: 300_000 * scale }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 24)).toString("base64");
const runs: [string, string][] = [
  ["base64", base64],
  ["=", "=".repeat(400_000 * scale)],
  ["letters", base64.replaceAll(/[^a-z]/g, "")],
];

function megabytesPerSecond(run: string): number {
  const one = (): number => {
    const begin = performance.now();
    ours.count(run);
    return performance.now() - begin;
  };
  const times = Array.from({ length: 5 }, one).sort((a, b) => a - b);
  return Number((run.length / 1_000 / times[2]!).toPrecision(3));
}

function gate(): void {
  const want = Uint32Array.from(tiktoken.encode(text, [], []));
  assert.deepEqual(ours.encode(bytes), want);
  assert.deepEqual(ours.encode(text), want);
  assert.deepEqual(plain.encode(text), want);
  assert.deepEqual(Uint32Array.from(encode(text)), want);
  for (const each of [bytes, text]) assert.equal(ours.count(each), want.length);
  assert.equal(countTokens(text), want.length);
  for (const [name, run] of runs) assert.equal(ours.count(run), plain.count(run), name);
}

/** The time of a tokenizer that merges by scanning grows with the square of this. */
const equals = "=".repeat(8_000 * scale);

const work = { amount: bytes.length / 1e6, unit: "MB" };

// Floors: about half of the goals of 5 and 20 times.
export default [
  claim({
    name: `tokens: count of ${Math.round(bytes.length / 1_000)} KB, code, prose and CJK`,
    gate,
    ours: { name: "kernel, from bytes", run: () => void ours.count(bytes) },
    baselines: [
      { name: "gpt-tokenizer 4.0.0 countTokens, its cache warm", run: () => void countTokens(text), floor: 2.5 },
      { name: "tiktoken 1.0.22 encode().length", run: () => void tiktoken.encode(text, [], []).length, floor: 10 },
      { name: "kernel, from a string", run: () => void ours.count(text) },
      { name: "plain version", run: () => void plain.count(text) },
    ],
    work,
    notes: () => ({
      tableLoadMs: Number(loadMs.toPrecision(3)),
      residentMB: Number(residentMB.toPrecision(3)),
      tableFileMB: Number((fs.statSync(`${kernels}/o200k.bin`).size / 1e6).toPrecision(3)),
      ...Object.fromEntries(runs.map(([name, run]) => [`run of ${name}, MB/s`, megabytesPerSecond(run)])),
    }),
  }),
  claim({
    name: `tokens: ids of ${Math.round(bytes.length / 1_000)} KB, code, prose and CJK`,
    gate,
    ours: { name: "kernel, from bytes", run: () => void ours.encode(bytes) },
    baselines: [
      { name: "gpt-tokenizer 4.0.0 encode, its cache warm", run: () => void encode(text), floor: 2.5 },
      { name: "tiktoken 1.0.22 encode", run: () => void tiktoken.encode(text, [], []), floor: 10 },
      { name: "plain version", run: () => void plain.encode(text) },
    ],
    work,
  }),
  claim({
    name: `tokens: count of ${equals.length / 1_000} KB of "="`,
    gate: () => assert.equal(ours.count(equals), countTokens(equals)),
    ours: { name: "kernel, from a string", run: () => void ours.count(equals) },
    baselines: [
      {
        // It remembers pieces: this one it has not seen before.
        name: "gpt-tokenizer 4.0.0 countTokens, its cache empty",
        run() {
          clearMergeCache();
          countTokens(equals);
        },
        floor: 10,
      },
      { name: "plain version", run: () => void plain.count(equals) },
    ],
    work: { amount: equals.length / 1e6, unit: "MB" },
  }),
];
