// Host side of the sse kernel (assembly/sse): one instance a thread and schema serves all its streams.
import {
  CONTEXT_SHIFT,
  COUNTS,
  FIELD_MASK,
  FLAG_RUN,
  IN,
  IN_BYTES,
  KIND_COUNT,
  KIND_DONE,
  KIND_ERROR_EVENT,
  KIND_MASK,
  KIND_RAW,
  KIND_TEXT,
  OUT,
  RECORD_BYTES,
  RECORDS,
  STATE_CONSUMED,
  STATE_COUNTS,
  STATE_HITS,
  STATE_MORE,
  STATE_MOVED,
  STATE_OUT_BYTES,
  STATE_SCANNED,
  STATE_WIDE,
} from "../../assembly/abi/sse.ts";
import { instantiateKernel } from "./load.ts";
import { PlainSse, readEvent } from "./reference/sse.ts";
import { writeSchema } from "./sse-layout.ts";
import { Runs } from "./sse-runs.ts";
import type { SseParser, SseSchema, SseSink } from "./sse-schema.ts";

type SseExports = {
  memory: WebAssembly.Memory;
  init(): void;
  run(length: number, scanned: number): number;
  shift(consumed: number, length: number): void;
  check(length: number): number;
};

/** Node's own slices, which its types leave out: `toString` costs more than the decoding of a short text. */
type Memory = Buffer & { latin1Slice(start: number, end: number): string; utf8Slice(start: number, end: number): string };

const bom = new Uint8Array([0xef, 0xbb, 0xbf]);

/** A delta or two: so few characters are read one by one in half the time that a call of Node's decoder takes. */
const shortChars = 16;
function shortText(m: Uint8Array): string {
  const at = OUT;
  return String.fromCharCode(
    m[at]!, m[at + 1]!, m[at + 2]!, m[at + 3]!, m[at + 4]!, m[at + 5]!, m[at + 6]!, m[at + 7]!,
    m[at + 8]!, m[at + 9]!, m[at + 10]!, m[at + 11]!, m[at + 12]!, m[at + 13]!, m[at + 14]!, m[at + 15]!,
  ); // biome-ignore format: two rows of eight
}

/** Opens streams of one schema. */
export interface SseKernel {
  open(): SseParser;
}

/** The plain version behind the same interface. */
export function plainSse(schema: SseSchema): SseKernel {
  return { open: () => new PlainSse(schema) };
}

/** A kernel instance (0.6 MB) for all streams of the schema on this thread. */
export class WasmSse implements SseKernel {
  readonly schema: SseSchema;
  readonly #exports: SseExports;
  readonly memory: Memory;
  readonly #words: Int32Array;
  /** Whose unfinished event lies at the begin of IN. */
  #owner: WasmStream | undefined;
  /** How far what the last `run` left was scanned. */
  scanned = 0;
  /** Events that a learned template took, for measuring. */
  hits = 0;

  constructor(module: WebAssembly.Module, schema: SseSchema) {
    this.schema = schema;
    this.#exports = instantiateKernel<SseExports>(module);
    this.#exports.init();
    this.memory = Buffer.from(this.#exports.memory.buffer) as Memory;
    this.#words = new Int32Array(this.#exports.memory.buffer);
    writeSchema(schema.root, this.#exports.memory.buffer);
  }

  open(): SseParser {
    return new WasmStream(this);
  }

  /** Is it one JSON text? At most IN_BYTES, see json.ts. */
  check(bytes: Uint8Array): boolean {
    this.claim(undefined);
    this.memory.set(bytes, IN);
    return this.#exports.check(bytes.length) === 1;
  }

  /** Makes IN the stream's; what another one left there is kept for it. True when its own is still there. */
  claim(stream: WasmStream | undefined): boolean {
    if (this.#owner === stream && stream !== undefined) return true;
    this.#owner?.save(this.memory);
    this.#owner = stream;
    return false;
  }

  release(stream: WasmStream): void {
    if (this.#owner === stream) this.#owner = undefined;
  }

  /**
   * Reads `length` bytes of IN; what was not consumed is moved to its begin.
   * @returns bytes that are left; `scanned` says how far they were scanned.
   */
  run(length: number, scanned: number, runs: Runs): number {
    const words = this.#words;
    let end = length;
    let from = scanned;
    while (true) {
      const count = this.#exports.run(end, from);
      this.hits += words[STATE_HITS >> 2]!;
      if (count > 0) this.#tell(count, runs);
      if (words[STATE_COUNTS >> 2] !== 0) this.#count(runs);
      const consumed = words[STATE_CONSUMED >> 2]!;
      from = words[STATE_SCANNED >> 2]!;
      if (words[STATE_MOVED >> 2] === 0 && consumed > 0 && consumed < end) this.#exports.shift(consumed, end);
      end -= consumed;
      if (words[STATE_MORE >> 2] === 0) {
        this.scanned = from;
        return end;
      }
    }
  }

  #count(runs: Runs): void {
    const words = this.#words;
    const seen = words[STATE_COUNTS >> 2]!;
    for (let field = 0; seen >>> field !== 0; field++) if ((seen >>> field) & 1) runs.count(field, words[(COUNTS >> 2) + field]!);
  }

  // Hot: once a chunk. Texts are decoded together and sliced; deltas that follow one another are one record.
  #tell(count: number, runs: Runs): void {
    const words = this.#words;
    const memory = this.memory;
    const bytes = words[STATE_OUT_BYTES >> 2]!;
    let text: string;
    if (words[STATE_WIDE >> 2] !== 0) text = memory.utf8Slice(OUT, OUT + bytes);
    else if (bytes <= shortChars) text = shortText(memory).slice(0, bytes);
    else text = memory.latin1Slice(OUT, OUT + bytes);
    let at = 0;
    let r = RECORDS >> 2;
    const last = r + (count * RECORD_BYTES) / 4;
    while (r < last) {
      const tag = words[r]!;
      const kind = tag & KIND_MASK;
      if (kind === KIND_TEXT) {
        const end = at + words[r + 2]!;
        const piece = text.slice(at, end);
        at = end;
        if (tag & FLAG_RUN) runs.run(tag & FIELD_MASK, tag >>> CONTEXT_SHIFT, piece, false);
        else runs.text(tag & FIELD_MASK, tag >>> CONTEXT_SHIFT, piece);
      } else if (kind === KIND_DONE) runs.done();
      else if (kind === KIND_COUNT) runs.count(tag & FIELD_MASK, words[r + 2]!);
      else {
        const start = words[r + 2]!;
        const data = memory.utf8Slice(start, start + words[r + 1]!);
        if (kind === KIND_RAW) runs.value(tag & FIELD_MASK, tag >>> CONTEXT_SHIFT, JSON.parse(data));
        else readEvent(this.schema, kind === KIND_ERROR_EVENT, data, runs);
      }
      r += RECORD_BYTES / 4;
    }
  }
}

const nothing = Buffer.alloc(0);
/** A stream keeps room for so much of an unfinished event that it need not be made anew at each turn; more is given back. */
const keptBytes = 1 << 10;

class WasmStream implements SseParser {
  readonly #kernel: WasmSse;
  readonly #runs = new Runs();
  /** Bytes of an event that is not whole: in IN while this stream owns it, else saved. */
  #left = 0;
  #scanned = 0;
  #saved: Buffer = nothing;
  #isSaved = false;
  /** Bytes of a byte order mark seen; 3 = no longer looked for. */
  #bom = 0;
  /** Reads the rest of an event that is larger than IN. */
  #plain: PlainSse | undefined;

  constructor(kernel: WasmSse) {
    this.#kernel = kernel;
  }

  /** Another stream takes its turn. Hot with many sessions: each read of each is one. */
  save(memory: Buffer): void {
    if (this.#left === 0) return;
    if (this.#saved.length < this.#left) this.#saved = Buffer.allocUnsafeSlow(Math.max(keptBytes, this.#left));
    memory.copy(this.#saved, 0, IN, IN + this.#left);
    this.#isSaved = true;
  }

  /** Makes IN its own, with what it had there. */
  #claim(): void {
    if (this.#kernel.claim(this) || !this.#isSaved) return;
    this.#saved.copy(this.#kernel.memory, IN, 0, this.#left);
    this.#isSaved = false;
    if (this.#saved.length > keptBytes) this.#saved = nothing;
  }

  feed(bytes: Uint8Array, sink: SseSink): void {
    const runs = this.#runs;
    runs.begin(sink);
    if (this.#bom < 3 && bytes.length > 0) this.#begin(bytes, runs);
    else this.#feed(bytes, runs);
    runs.finish();
  }

  /** Takes a byte order mark off the begin of the stream. */
  #begin(bytes: Uint8Array, runs: Runs): void {
    let i = 0;
    while (this.#bom < 3 && i < bytes.length && bytes[i] === bom[this.#bom]) {
      i++;
      this.#bom++;
    }
    if (this.#bom < 3 && i === bytes.length) return;
    const seen = this.#bom;
    this.#bom = 3;
    if (seen < 3 && seen > 0) this.#feed(bom.subarray(0, seen), runs);
    this.#feed(bytes.subarray(i), runs);
  }

  #feed(bytes: Uint8Array, runs: Runs): void {
    const kernel = this.#kernel;
    let from = 0;
    while (from < bytes.length) {
      if (this.#plain !== undefined) {
        this.#plain.feed(bytes.subarray(from), runs);
        // Between events again, and not within a character either.
        if (this.#plain.idle && bytes[bytes.length - 1]! < 0x80) this.#plain = undefined;
        return;
      }
      this.#claim();
      if (this.#left === IN_BYTES) {
        this.#plain = new PlainSse(kernel.schema, true);
        this.#plain.feed(kernel.memory.subarray(IN, IN + this.#left), runs);
        this.#left = 0;
        this.#scanned = 0;
        continue;
      }
      const take = Math.min(bytes.length - from, IN_BYTES - this.#left);
      kernel.memory.set(take === bytes.length ? bytes : bytes.subarray(from, from + take), IN + this.#left);
      from += take;
      this.#left = kernel.run(this.#left + take, this.#scanned, runs);
      this.#scanned = kernel.scanned;
    }
  }

  end(sink: SseSink): void {
    const runs = this.#runs;
    runs.begin(sink);
    if (this.#bom > 0 && this.#bom < 3) this.#feed(bom.subarray(0, this.#bom), runs);
    if (this.#plain === undefined && this.#left > 0) {
      this.#claim();
      this.#plain = new PlainSse(this.#kernel.schema, true);
      this.#plain.feed(this.#kernel.memory.subarray(IN, IN + this.#left), runs);
    }
    this.#plain?.end(runs);
    runs.finish();
    this.close();
  }

  close(): void {
    this.#kernel.release(this);
    this.#left = 0;
    this.#saved = nothing;
    this.#isSaved = false;
    this.#plain = undefined;
  }
}
