// The vocabulary of o200k_base and the classes of code points, as src/build/make-token-table.mjs writes them.
import fs from "node:fs";
import path from "node:path";
import { crc32 } from "node:zlib";
import { BYTES_MAX, CLASS_BLOCKS_BYTES, CLASS_INDEX_BYTES, TOKENS_MAX } from "../../assembly/abi/tokens.ts";

const magic = 0x6b32306f;
const format = 1;
const headerBytes = 60;
const checkedFrom = 12;

export type TokenTable = {
  /** Length in bytes of each token, by its number. */
  lengths: Uint8Array;
  /** The tokens, one after the other. */
  bytes: Uint8Array;
  /** Two stages: block of each 128 code points (u16, little endian), then classes by block; abi/tokens.ts names them. */
  classIndex: Uint8Array;
  classBlocks: Uint8Array;
};

/**
 * Reads `<directory>/o200k.bin` (1.6 MB). undefined when there is none: the build had no vocabulary to make it from.
 * @throws Error when the file is of another format or damaged: the build must be run again
 */
export function readTokenTable(directory: string): TokenTable | undefined {
  const file = path.join(directory, "o200k.bin");
  let whole: Buffer;
  try {
    whole = fs.readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const damaged = (what: string): Error => new Error(`Token table ${file} ${what}: remove it and run the build (npm run build) again`);
  if (whole.length < headerBytes || whole.readUInt32LE(0) !== magic || whole.readUInt32LE(4) !== format)
    throw damaged(`is not of format ${format}`);
  if (crc32(whole.subarray(checkedFrom)) !== whole.readUInt32LE(8)) throw damaged("is damaged");
  const sizes = [12, 16, 20, 24].map((at) => whole.readUInt32LE(at));
  const limits = [TOKENS_MAX, BYTES_MAX, CLASS_INDEX_BYTES, CLASS_BLOCKS_BYTES];
  let at = headerBytes;
  const [lengths, bytes, classIndex, classBlocks] = sizes.map((size, i) => {
    if (size > limits[i]!) throw damaged("is larger than the kernel's memory for it");
    at += size;
    return whole.subarray(at - size, at);
  });
  return { lengths: lengths!, bytes: bytes!, classIndex: classIndex!, classBlocks: classBlocks! };
}
