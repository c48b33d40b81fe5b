import { loadKernel } from "../../src/kernels/load.ts";
import { type BytesPartialJson, WasmPartial } from "../../src/kernels/partial.ts";
import type { PartialJson, TextListener } from "../../src/kernels/partial-value.ts";
import { PlainPartial } from "../../src/kernels/reference/partial.ts";

export const kernel = (): WasmPartial => new WasmPartial(loadKernel("dist/kernels", "partial"));

const shared = kernel();

/** One way to read JSON in pieces: pieces are UTF-16 units, or for `bytes` bytes. */
export type Reader = {
  name: string;
  bytes: boolean;
  open(listener?: TextListener): PartialJson & { badAt: number | undefined };
};

export const readers: Reader[] = [
  { name: "plain version, strings", bytes: false, open: (listener) => new PlainPartial(listener) },
  { name: "kernel, strings", bytes: false, open: (listener) => shared.open(listener) },
  { name: "kernel, bytes", bytes: true, open: (listener) => inBytes(shared.open(listener)) },
];

/** Strings here mean bytes: a unit each. So that a test cuts both the same way. */
function inBytes(parser: BytesPartialJson): PartialJson & { badAt: number | undefined } {
  return {
    push: (piece) => parser.push(Buffer.from(piece, "latin1")),
    get state() {
      return parser.state;
    },
    get badAt() {
      return parser.badAt;
    },
    value: () => parser.value(),
    close: () => parser.close(),
  };
}

/** What a reader is given for `text`: itself, or its UTF-8 bytes as units. */
export const given = (reader: Reader, text: string): string => (reader.bytes ? Buffer.from(text).toString("latin1") : text);

/** Units or bytes of the text that come before the one refused, as the reader counts. */
export function refusedAt(reader: Reader, badAt: number | undefined, text: string): number | undefined {
  if (badAt === undefined || reader.name.startsWith("plain")) return badAt;
  return Buffer.from(text).subarray(0, badAt).toString().length;
}

/** Cuts a text at seeded places, in pieces of at most `max`. */
export function* cutText(text: string, max: number, seed: number): Generator<string> {
  let s = seed >>> 0;
  for (let at = 0; at < text.length; ) {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    const n = 1 + ((s >>> 8) % max);
    yield text.slice(at, at + n);
    at += n;
  }
}

/** Where V8 refuses a text: the first unit after which it is no longer only unfinished. */
export function v8RefusesAt(text: string): number | undefined {
  let message: string;
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    message = (error as Error).message;
  }
  // Some messages name the place, others the character only: then the shortest text that is more than unfinished tells.
  const named = / in JSON at position (\d+)|after JSON at position (\d+)/.exec(message);
  const at = named ? Number(named[1] ?? named[2]) : undefined;
  if (at !== undefined) return at < text.length ? (message.startsWith("Unterminated string") ? undefined : at) : undefined;
  if (message.startsWith("Unexpected end")) return undefined;
  for (let n = 1; n <= text.length; n++) if (!isUnfinished(text.slice(0, n))) return n - 1;
  throw new Error(`V8 refuses ${text} and none of its beginnings`);
}

function isUnfinished(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const { message } = error as Error;
    return (
      message.startsWith("Unexpected end") || message.startsWith("Unterminated string") || message.includes(`at position ${text.length} `)
    );
  }
}
