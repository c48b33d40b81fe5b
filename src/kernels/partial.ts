// Host side of the partial kernel (assembly/partial): one instance a thread, a slot a call. For JSON that arrives as bytes; the
// product's tool arguments have become strings by then, and are read by reference/partial.ts, which says why.
import {
  EXPECT_VALUE,
  IN,
  IN_BYTES,
  RECORD_ARRAY,
  RECORD_CLOSE,
  RECORD_END,
  RECORD_FALSE,
  RECORD_KEY,
  RECORD_KIND,
  RECORD_NULL,
  RECORD_NUMBER,
  RECORD_OBJECT,
  RECORD_SHIFT,
  RECORD_STRING,
  RECORD_TEXT,
  RECORD_TRUE,
  RECORD_UNIT,
  RECORDS_A_BYTE,
  REFUSED,
  SLOT_BYTES,
  SLOT_DEPTH,
  SLOT_STATE,
  SLOTS,
  SLOTS_MAX,
  STATE_TAPE,
  STATE_TEXT,
  STATE_WIDE,
  TAPE,
  TAPE_MAX,
  TEXT,
  TEXT_BYTES,
} from "../../assembly/abi/partial.ts";
import { instantiateKernel } from "./load.ts";
import { LiveValue, type PartialJson, type TextListener } from "./partial-value.ts";
import { PlainPartial, stateOf } from "./reference/partial.ts";

type PartialExports = {
  memory: WebAssembly.Memory;
  init(): void;
  open(slot: number): void;
  run(slot: number, length: number): number;
};

/** Node's own slices and writes, which its types leave out: `toString` costs more than the decoding of a short text. */
type Memory = Buffer & {
  latin1Slice(start: number, end: number): string;
  utf8Write(text: string, at: number, max: number): number;
};

/** A UTF-16 unit makes three bytes at most. */
const unitsAtOnce = Math.floor(IN_BYTES / 3);

/** JSON that arrives as bytes or strings. */
export interface BytesPartialJson extends PartialJson {
  push(piece: string | Uint8Array): void;
  /** UTF-8 bytes before the one that cannot stand where it stands. */
  readonly badAt: number | undefined;
}

/** A kernel instance (256 KB) with SLOTS_MAX slots. */
export class WasmPartial {
  readonly memory: Memory;
  readonly words: Int32Array;
  readonly #exports: PartialExports;
  readonly #free = Array.from({ length: SLOTS_MAX }, (_, i) => SLOTS_MAX - 1 - i);
  /** Whose records and text are in memory. */
  #owner: WasmParser | undefined;

  constructor(module: WebAssembly.Module) {
    this.#exports = instantiateKernel<PartialExports>(module);
    this.#exports.init();
    this.memory = Buffer.from(this.#exports.memory.buffer) as Memory;
    this.words = new Int32Array(this.#exports.memory.buffer);
  }

  /** A parser; `close` it to give its slot back. Without a free slot it is one in plain TypeScript. */
  open(listener?: TextListener): BytesPartialJson {
    const slot = this.#free.pop();
    if (slot !== undefined) this.#exports.open(slot);
    return new WasmParser(this, slot, listener);
  }

  release(parser: WasmParser, slot: number): void {
    if (this.#owner === parser) this.#owner = undefined;
    this.#free.push(slot);
  }

  /** Runs `length` bytes of IN, which were put there after `reserve`; bytes taken. */
  run(slot: number, length: number): number {
    return this.#exports.run(slot, length);
  }

  /** Makes records and text the parser's, with room for those of `length` bytes. */
  reserve(parser: WasmParser, length: number): void {
    const { words } = this;
    if (this.#owner !== parser) {
      this.#owner?.read();
      this.#owner = parser;
    } else if (words[STATE_TAPE >> 2]! + length * RECORDS_A_BYTE > TAPE_MAX || words[STATE_TEXT >> 2]! + length > TEXT_BYTES) parser.read();
  }

  owns(parser: WasmParser): boolean {
    return this.#owner === parser;
  }
}

class WasmParser implements BytesPartialJson {
  readonly #kernel: WasmPartial;
  readonly #live: LiveValue;
  #slot: number | undefined;
  #stateWord = 0;
  /** What is left of a slot that was given back. */
  #last: "open" | "whole" | "bad" = "open";
  /** Bytes of a character that is cut, at the end of the text that was read; at most 3. */
  #held: Uint8Array | undefined;
  /** The first half of a surrogate pair that is cut. */
  #half = "";
  #bytes = 0;
  #badAt: number | undefined;
  #plain: PlainPartial | undefined;

  constructor(kernel: WasmPartial, slot: number | undefined, listener: TextListener | undefined) {
    this.#kernel = kernel;
    this.#live = new LiveValue(listener);
    this.#slot = slot;
    if (slot === undefined) this.#plain = new PlainPartial(undefined, { live: this.#live, at: EXPECT_VALUE });
    else this.#stateWord = (SLOTS + slot * SLOT_BYTES + SLOT_STATE) >> 2;
  }

  get state(): "open" | "whole" | "bad" {
    if (this.#plain !== undefined) return this.#plain.state;
    if (this.#slot === undefined) return this.#last;
    const { words } = this.#kernel;
    return stateOf(words[this.#stateWord]!, words[this.#stateWord + (SLOT_DEPTH - SLOT_STATE) / 4]!);
  }

  get badAt(): number | undefined {
    return this.#badAt;
  }

  value(): unknown {
    if (this.#slot !== undefined && this.#kernel.owns(this)) this.read();
    return this.#live.get();
  }

  close(): void {
    if (this.#slot === undefined) return;
    this.#last = this.state;
    if (this.#kernel.owns(this)) this.read();
    this.#kernel.release(this, this.#slot);
    this.#slot = undefined;
  }

  // Hot: once a fragment. Budget 0.2 us with a string's bytes in and its text out (bench/partial.ts).
  push(piece: string | Uint8Array): void {
    if (typeof piece === "string") this.#pushText(piece);
    else if (piece.length <= IN_BYTES) this.#pushBytes(piece);
    else for (let i = 0; i < piece.length; i += IN_BYTES) this.#pushBytes(piece.subarray(i, i + IN_BYTES));
  }

  #pushBytes(piece: Uint8Array): void {
    const slot = this.#slot;
    if (this.#badAt !== undefined) return;
    if (this.#plain !== undefined) this.#pushPlain(piece);
    else if (slot !== undefined) {
      this.#kernel.reserve(this, piece.length);
      this.#kernel.memory.set(piece, IN);
      this.#run(slot, piece.length);
    }
  }

  #pushText(piece: string): void {
    let text = this.#half + piece;
    this.#half = "";
    const last = text.charCodeAt(text.length - 1);
    if (last >= 0xd800 && last <= 0xdbff) {
      this.#half = text.slice(-1);
      text = text.slice(0, -1);
    }
    for (let i = 0; i < text.length && this.#badAt === undefined; ) {
      let end = Math.min(i + unitsAtOnce, text.length);
      const unit = text.charCodeAt(end - 1);
      if (end < text.length && unit >= 0xd800 && unit <= 0xdbff) end--;
      const slice = i === 0 && end === text.length ? text : text.slice(i, end);
      const slot = this.#slot;
      if (this.#plain !== undefined) this.#pushPlain(Buffer.from(slice));
      else if (slot !== undefined) {
        this.#kernel.reserve(this, slice.length * 3);
        this.#run(slot, this.#kernel.memory.utf8Write(slice, IN, IN_BYTES));
      }
      i = end;
    }
  }

  #run(slot: number, length: number): void {
    const taken = this.#kernel.run(slot, length);
    this.#bytes += taken;
    if (taken < length) this.#stopped(slot, IN + taken, IN + length);
  }

  /** A byte was refused, or opens a level too deep for the kernel: from there on it is read in plain TypeScript. */
  #stopped(slot: number, from: number, to: number): void {
    const at = this.#kernel.words[this.#stateWord]!;
    if (at === REFUSED) {
      this.#badAt = this.#bytes;
      return;
    }
    this.read();
    const rest = Buffer.from(this.#kernel.memory.subarray(from, to));
    this.#kernel.release(this, slot);
    this.#slot = undefined;
    this.#plain = new PlainPartial(undefined, { live: this.#live, at });
    this.#pushPlain(rest);
  }

  #pushPlain(piece: Uint8Array): void {
    const plain = this.#plain!;
    const text = this.#decode(piece, true);
    const before = plain.units;
    plain.push(text);
    if (plain.badAt !== undefined) this.#badAt = this.#bytes + Buffer.byteLength(text.slice(0, plain.badAt - before));
    this.#bytes += Buffer.byteLength(text);
  }

  /** Takes records and text out of memory into the value. */
  read(): void {
    const { words, memory } = this.#kernel;
    const count = words[STATE_TAPE >> 2]!;
    if (count === 0) return;
    const isWide = words[STATE_WIDE >> 2] !== 0;
    let from = TEXT;
    const end = (TAPE >> 2) + count;
    for (let r = TAPE >> 2; r < end; r++) {
      const record = words[r]!;
      const kind = record & RECORD_KIND;
      if (kind === RECORD_TEXT) {
        const to = from + (record >>> RECORD_SHIFT);
        if (isWide || this.#held !== undefined) {
          const text = this.#decode(memory.subarray(from, to), r + 1 === end);
          if (text !== "") this.#live.text(text);
        } else this.#live.text(memory.latin1Slice(from, to));
        from = to;
      } else this.#tell(kind, record >>> RECORD_SHIFT);
    }
    words[STATE_TAPE >> 2] = 0;
    words[STATE_TEXT >> 2] = 0;
    words[STATE_WIDE >> 2] = 0;
  }

  #tell(kind: number, arg: number): void {
    const live = this.#live;
    if (this.#held !== undefined) {
      // Half a character, and then no more of it.
      this.#held = undefined;
      live.text("\ufffd");
    }
    switch (kind) {
      case RECORD_STRING:
        live.string();
        break;
      case RECORD_KEY:
        live.key();
        break;
      case RECORD_END:
        live.end();
        break;
      case RECORD_OBJECT:
        live.descend({});
        break;
      case RECORD_ARRAY:
        live.descend([]);
        break;
      case RECORD_CLOSE:
        live.ascend();
        break;
      case RECORD_NUMBER:
        live.number();
        break;
      case RECORD_UNIT:
        live.text(String.fromCharCode(arg));
        break;
      case RECORD_TRUE:
        live.literal(true);
        break;
      case RECORD_FALSE:
        live.literal(false);
        break;
      case RECORD_NULL:
        live.literal(null);
        break;
    }
  }

  /** Text of the bytes and of those kept before. When more may follow, of a character that is cut at the end the bytes are kept. */
  #decode(piece: Uint8Array, mayGoOn: boolean): string {
    const bytes = this.#held === undefined ? piece : Buffer.concat([this.#held, piece]);
    const whole = mayGoOn ? bytes.length - cutBytes(bytes) : bytes.length;
    this.#held = whole < bytes.length ? Uint8Array.prototype.slice.call(bytes, whole) : undefined;
    return Buffer.from(bytes.buffer, bytes.byteOffset, whole).toString("utf8");
  }
}

/** Bytes at the end that begin a character of more bytes than there are. */
function cutBytes(bytes: Uint8Array): number {
  for (let n = 1; n <= 3 && n <= bytes.length; n++) {
    const byte = bytes[bytes.length - n]!;
    if (byte >= 0xc0) return n < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? n : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}
