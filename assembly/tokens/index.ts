// assembly/tokens/index.ts: UTF-8 text -> how many tokens of o200k_base it is, and which.
//   Memory: abi/tokens.ts. The host writes LENGTHS, BYTES, CLASS_INDEX and CLASS_BLOCKS once, calls fill(tokens), and then per call up to
//   IN_BYTES of text.
// run(length, last, ids) -> tokens. With `ids` they are in OUT. consumed() is how much of IN they are: unless `last`, all but what the
//   text that follows could change. 0 consumed: IN is (the begin of) one piece; give more of it, up to IN_BYTES, then call with `last`.
// Special tokens are text. Bytes that are no UTF-8 are punctuation, one each. Stateless but for the cache of pieces.
// Plain version: src/kernels/reference/tokens.ts. Budget: 40 MB/s of code and prose (bench/tokens.ts).
import { IN, IN_GUARD, MEMORY_PAGES, OUT, PIECES, PIECES_BITS, PIECE_BYTES, PIECE_IDS, SMALL_MAX } from "../abi/tokens";
import { mergeSmall, scans } from "./merge";
import { looks, mergeLong } from "./merge-long";
import { pieceEnd, seen, setEnd } from "./split";
import { fill as fillTables, head, NONE, token } from "./table";

/** A contraction of three bytes, or a code point of four, behind a piece decides where it ends. */
const LOOK_AHEAD = 8;
const SLOT_BYTES = 32;

let taken: i32 = 0;

/** 1: ready. 0: memory was refused, or the tables are not what they should be. */
export function fill(tokens: i32): i32 {
  return fillTables(tokens);
}

export function init(): i32 {
  const have = memory.size();
  return <i32>(have >= MEMORY_PAGES || memory.grow(MEMORY_PAGES - have) >= 0);
}

export function consumed(): i32 {
  return taken;
}

/** Merge steps so far: shows that the cost of long runs does not grow with their square. */
export function mergeSteps(): f64 {
  return <f64>(scans + looks);
}

/** Pieces that are no token, up to PIECE_BYTES long: names in code come again and again. */
function cached(p: usize, length: i32, out: usize): i32 {
  const low = length < 8 ? head(p, length) : load<u64>(p);
  const high = length > 8 ? head(p + 8, length - 8) : 0;
  const hash = ((low ^ rotl<u64>(high, 23)) + <u64>length) * 0x9e3779b97f4a7c15;
  const slot = <usize>PIECES + <usize>(hash >> (64 - PIECES_BITS)) * SLOT_BYTES;
  const word = load<u32>(slot, 16);
  if (word >> 8 == <u32>length && load<u64>(slot) == low && load<u64>(slot, 8) == high) {
    const count = <i32>(word & 0xff);
    if (out == 0) return count;
    if (count <= PIECE_IDS) {
      store<u64>(out, load<u64>(slot, 20));
      store<u32>(out, load<u32>(slot, 28), 8);
      return count;
    }
  }
  // The ids are written in either case: who asks only for the count now may want them later.
  const ids = out != 0 ? out : <usize>OUT;
  const count = mergeSmall(p, length, ids);
  store<u64>(slot, low);
  store<u64>(slot, high, 8);
  store<u32>(slot, (<u32>length << 8) | <u32>count, 16);
  store<u64>(slot, load<u64>(ids), 20);
  store<u32>(slot, load<u32>(ids, 8), 28);
  return count;
}

export function run(length: i32, last: i32, ids: i32): i32 {
  const end = <usize>IN + <usize>length;
  for (let i: usize = 0; i < <usize>IN_GUARD; i += 16) v128.store(end + i, i8x16.splat(0));
  setEnd(end);
  let p: usize = IN;
  let out: usize = ids != 0 ? <usize>OUT : 0;
  let total = 0;
  while (p < end) {
    const next = pieceEnd(p);
    if (last == 0 && (next + LOOK_AHEAD > end || seen + LOOK_AHEAD > end)) break;
    const bytes = <i32>(next - p);
    const whole = token(p, bytes);
    let count = 1;
    if (whole != NONE) {
      if (out != 0) store<u32>(out, whole);
    } else if (bytes <= PIECE_BYTES) count = cached(p, bytes, out);
    else count = bytes <= SMALL_MAX ? mergeSmall(p, bytes, out) : mergeLong(p, bytes, out);
    total += count;
    if (out != 0) out += <usize>count << 2;
    p = next;
  }
  taken = <i32>(p - IN);
  return total;
}
