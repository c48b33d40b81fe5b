// Claim (facts: kernels, section 1c): tool arguments that stream, their current value read after each delta, against parsers that
// begin again each time. Fragments of a token are the plain version's, which is what the product uses; the kernel wins where pieces are
// larger or come as bytes. Input is made here: the call of a tool that writes a file.
import assert from "node:assert/strict";
import { partialParse } from "@anthropic-ai/sdk/_vendor/partial-json-parser/parser.mjs";
import { parse } from "partial-json";
import { loadKernel } from "../src/kernels/load.ts";
import { WasmPartial } from "../src/kernels/partial.ts";
import type { PartialJson } from "../src/kernels/partial-value.ts";
import { PlainPartial } from "../src/kernels/reference/partial.ts";
import { languageOf } from "../src/ui/code/languages.ts";
import { codeLines } from "../src/ui/layout/code-lines.ts";
import { lineText } from "../src/ui/layout/line.ts";
import type { PartState } from "../src/ui/model/state.ts";
import { dark } from "../src/ui/theme/dark.ts";
import { CallStream } from "../src/ui/views/transcript/tool-stream.ts";
import { type Claim, claim, smoke } from "./harness.ts";
import { median } from "./support/median.ts";

const code = `export async function listRows(db: Database, id: string): Promise<Row[]> {
  const rows = await db.all("SELECT * FROM parts WHERE id = ?", [id]);
\tif (rows.length === 0) return []; // "nothing" is no error
  return rows.map((row, index) => ({ ...row, index, path: \`\${id}/\${index}.ts\` }));
}

`;

type Input = { file_path: string; content: string };

/** Arguments of `size` bytes, in pieces of a token (3.7 bytes on average) or of `pieceSize`. */
function fragments(size: number, pieceSize?: number): { texts: string[]; bytes: Uint8Array[]; whole: Input } {
  const whole = { file_path: "src/store/rows.ts", content: code.repeat(Math.ceil(size / code.length)).slice(0, size * 0.93) };
  const text = JSON.stringify(whole);
  const texts: string[] = [];
  let seed = 7;
  for (let at = 0; at < text.length; ) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const length = pieceSize ?? Math.max(1, 1 + ((seed >>> 8) % 7) - ((seed >>> 16) & 1));
    texts.push(text.slice(at, at + length));
    at += length;
  }
  return { texts, bytes: texts.map((each) => Buffer.from(each)), whole };
}

const kernel = new WasmPartial(loadKernel("dist/kernels", "partial"));

/** Each returns the sum of what was read, so that nothing is left out as unused, and the gate can compare. */
type Read = { sum: number; last: unknown };
const lengthOf = (value: unknown): number => (value as Partial<Input> | undefined)?.content?.length ?? 0;

function live<Piece>(open: () => PartialJson & { push(piece: Piece): void; close(): void }, pieces: readonly Piece[]): Read {
  const parser = open();
  let sum = 0;
  for (const piece of pieces) {
    parser.push(piece);
    sum += lengthOf(parser.value());
  }
  const last = parser.value();
  assert.equal(parser.state, "whole");
  parser.close();
  return { sum, last };
}

function again(parser: (text: string) => unknown, pieces: readonly string[]): Read {
  let sum = 0;
  let text = "";
  let last: unknown;
  for (const piece of pieces) {
    text += piece;
    last = parser(text);
    sum += lengthOf(last);
  }
  return { sum, last };
}

const bySdk = (text: string): unknown => {
  // It throws where it has nothing to say yet; the SDK catches that as well.
  try {
    return partialParse(text);
  } catch {
    return undefined;
  }
};

const plain = (texts: readonly string[]): Read => live<string>(() => new PlainPartial(), texts);
const wasm = (bytes: readonly Uint8Array[]): Read => live<Uint8Array>(() => kernel.open(), bytes);
const wasmOfStrings = (texts: readonly string[]): Read => live<string>(() => kernel.open(), texts);

const context = { width: 100, theme: dark, workspace: "/" };
const shownRows = 10;

/** What the UI does with each delta: header, last rows. The rows after the last one. */
function shown(texts: readonly string[]): string[] {
  const part: PartState = {
    ...{ id: "p", index: 0, kind: "tool_call", pieces: [], length: 0, start: 0, call: "c", name: "write", done: undefined },
    ...{ startedAt: 0, finishedAt: undefined, version: 0, epoch: 0 },
  };
  const stream = new CallStream(part);
  let rows: string[] = [];
  for (const [i, piece] of texts.entries()) {
    part.pieces.push(piece);
    part.length += piece.length;
    part.version++;
    stream.input();
    const tail = stream.tail(context, shownRows);
    if (i === texts.length - 1) rows = tail.rows.map((row) => lineText(row));
  }
  return rows.map((row) => row.trimEnd());
}

/** The same with all of it parsed and laid out again. */
function shownAgain(texts: readonly string[]): string[] {
  let text = "";
  let rows: string[] = [];
  for (const [i, piece] of texts.entries()) {
    text += piece;
    const { file_path, content } = parse(text) as Partial<Input>;
    const tail = codeLines(content ?? "", languageOf(file_path ?? ""), context.width - 6, dark).slice(-shownRows - 1);
    if (i === texts.length - 1) rows = tail.map((row) => lineText(row));
  }
  return rows.map((row) => row.trimEnd()).slice(rows.at(-1) === "" ? 0 : 1, rows.at(-1) === "" ? -1 : undefined);
}

/** Microseconds a delta, the median of some runs. */
function usPerDelta(size: number): { deltas: number; plain: string; kernel: string; shown: string } {
  const { texts, bytes } = fragments(size);
  const cost = (run: () => void): string => {
    const times = Array.from({ length: smoke ? 2 : 30 }, () => {
      const start = process.hrtime.bigint();
      run();
      return Number(process.hrtime.bigint() - start) / 1_000 / texts.length;
    });
    return median(times).toFixed(3);
  };
  return { deltas: texts.length, plain: cost(() => plain(texts)), kernel: cost(() => wasm(bytes)), shown: cost(() => shown(texts)) };
}

/** @param floors  for partial-json, the SDK's parser, and the other one of ours */
function partialClaim(size: number, pieceSize: number | undefined, ours: "plain" | "kernel", floors: (number | undefined)[]): Claim {
  const { texts, bytes, whole } = fragments(size, pieceSize);
  const plainOne = { name: "plain version, strings", run: () => void plain(texts) };
  const kernelOne = { name: "kernel, strings", run: () => void wasmOfStrings(texts) };
  const [first, second] = ours === "plain" ? [plainOne, kernelOne] : [kernelOne, plainOne];
  const baselines = [
    { name: "partial-json 0.1.7, again each delta", run: () => void again(parse, texts) },
    { name: "@anthropic-ai/sdk 1.12.0 partialParse, again each delta", run: () => void again(bySdk, texts) },
    second,
    { name: "kernel, bytes", run: () => void wasm(bytes) },
  ];
  return claim({
    name: `partial: ${Math.round(size / 1024)} KB of arguments in ${texts.length} deltas, read after each`,
    gate() {
      const want = again(parse, texts);
      for (const read of [plain(texts), wasm(bytes), wasmOfStrings(texts)]) {
        assert.deepEqual(read.last, whole);
        // Read the same each time, but that partial-json trims what it is given, so that blanks at a cut come one delta later.
        assert.ok(read.sum >= want.sum && read.sum - want.sum < texts.length * 3, `read ${read.sum}, partial-json ${want.sum}`);
      }
      assert.deepEqual(want.last, whole);
      assert.deepEqual(again(bySdk, texts).last, whole);
    },
    ours: first,
    baselines: baselines.map((one, i) => (floors[i] === undefined ? one : { ...one, floor: floors[i] })),
    work: { amount: texts.length / 1e6, unit: "Mdeltas" },
    notes: () =>
      pieceSize === undefined
        ? Object.fromEntries([2, 8, 40].map((kb) => [`us a delta at ${kb} KB`, JSON.stringify(usPerDelta(kb * 1024))]))
        : {},
  });
}

function shownClaim(size: number, pieceSize: number, floor: number): Claim {
  const { texts } = fragments(size, pieceSize);
  return claim({
    name: `partial: a file is shown while ${Math.round(size / 1024)} KB of it come in ${texts.length} deltas`,
    gate() {
      const rows = shown(texts);
      assert.equal(rows.length, shownRows);
      assert.deepEqual(rows, shownAgain(texts));
    },
    ours: { name: "read and laid out as it comes", run: () => void shown(texts) },
    baselines: [{ name: "partial-json and all lines again each delta", run: () => void shownAgain(texts), floor }],
    work: { amount: texts.length / 1e6, unit: "Mdeltas" },
  });
}

// Floors: half of the goals of 1000 and 100 at 40 KB; where there is no goal half of what was measured.
export default smoke
  ? [partialClaim(8_192, undefined, "plain", [1, 1]), shownClaim(8_192, 256, 1)]
  : [
      partialClaim(40_960, undefined, "plain", [500, 50]),
      partialClaim(40_960, 1_024, "kernel", [undefined, undefined, 3]),
      shownClaim(40_960, 256, 20),
    ];
