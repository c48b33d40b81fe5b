import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { get_encoding } from "tiktoken";
import { afterAll, describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi/tokens.ts";
import { readTokenTable } from "../../src/kernels/token-table.ts";
import { openTokenizer, type Tokenizer, type WasmTokenizer } from "../../src/kernels/tokens.ts";

const oracle = get_encoding("o200k_base");
afterAll(() => oracle.free());
/** Special tokens are text. */
const expected = (text: string): number[] => [...oracle.encode(text, [], [])];

const kernels = "dist/kernels";
const versions: [string, Tokenizer][] = (["wasm", "plain"] as const).map((mode) => [mode, openTokenizer(kernels, mode)!]);

function* sources(directory: string): Generator<[string, string]> {
  for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
    const file = path.join(directory, entry.name);
    if (entry.isDirectory()) yield* sources(file);
    else if (/\.(ts|md|json|sql)$/.test(entry.name)) yield [file, fs.readFileSync(file, "utf8")];
  }
}

const words = fc.constantFrom(
  ..."the quick XMLHttpRequest getElementById ISO8601 naïve Ǆ ǅ ǆ straße İstanbul ΣΊΣΥΦΟΣ ﬁ ʰ ªº".split(" "),
  ..."日本語 テキスト ภาษาไทย שָׁלוֹם مرحبا नमस्ते 한국어 👨‍👩‍👧‍👦 🇩🇪 👍🏽 ❤️ e\u0301 a\u0308\u0304 ¹²³ ½ Ⅷ ٣٤٥ 𝟘𝟙 𝒜 𐐀𐐨".split(" "),
  ..."'s 'S 't 'T 're 'RE 'Re 've 'VE 'm 'M 'll 'LL 'lL 'd 'D 'ſ ’s 'x ' '' don't I'LL we'VE x'sy".split(" "),
  ..."<|endoftext|> <|endofprompt|> /* // \\\\ => === !== ... -- {}}; ()() #!/ <!-- --> /\n/\n ./.. ".split(" "),
);
const white = fc.constantFrom(
  ..." |  |    |\t|\t\t|\n|\r|\r\n|\r\n\r\n| \n|\n |  \n  | \t\n\t |\u00a0|\u3000|\u2028|\u0085|\u2009 |\ufeff|\u180e|\u200b|\v\f".split(
    "|",
  ),
);
const mixed = fc.array(
  fc.oneof(words, white, fc.string({ unit: "binary", maxLength: 4 }), fc.stringMatching(/^[a-zA-Z0-9_.,'/ \r\n]{0,12}$/)),
  {
    maxLength: 40,
  },
);
const digits = fc.array(fc.constantFrom(..."0123456789¹²³½٣Ⅷ,. "), { maxLength: 30 });
/** Each class that the pattern tells apart, so that every alternative is entered, given up and taken up again. */
const classes = fc.array(fc.constantFrom(..."aAǅʰ中\u0301\u0308١9 \t\n\r'!/sdé"), { maxLength: 14 });

describe.each(versions)("%s", (_, tokenizer) => {
  const agrees = (text: string): void => {
    const want = expected(text);
    expect([...tokenizer.encode(text)]).toEqual(want);
    expect(tokenizer.count(text)).toBe(want.length);
  };

  test("text of words in many scripts, marks, contractions, white space and whatever Unicode has gives tiktoken's tokens", () => {
    fc.assert(
      fc.property(mixed, (parts) => agrees(parts.join(""))),
      { numRuns: 600 },
    );
  });

  test("digits, be they superscripts or of other scripts, are taken by three as tiktoken takes them", () => {
    fc.assert(
      fc.property(digits, (parts) => agrees(parts.join(""))),
      { numRuns: 200 },
    );
  });

  test("any order of the pattern's classes is cut as tiktoken cuts it", () => {
    fc.assert(
      fc.property(classes, (parts) => agrees(parts.join(""))),
      { numRuns: 3_000 },
    );
  });

  test("code points at both sides of each border between classes are of the class that tiktoken has them in", () => {
    const { classIndex, classBlocks } = readTokenTable(kernels)!;
    const blocks = new DataView(classIndex.buffer, classIndex.byteOffset, classIndex.length);
    const classOf = (cp: number): number => classBlocks[blocks.getUint16((cp >> 7) * 2, true) * 128 + (cp & 127)]!;
    let text = "";
    let borders = 0;
    for (let cp = 1; cp < 0x110000; cp++) {
      if (classOf(cp) === classOf(cp - 1) || (cp >= 0xd800 && cp <= 0xe000)) continue;
      borders++;
      for (const char of [String.fromCodePoint(cp - 1), String.fromCodePoint(cp)])
        text += `a${char}A${char}b${char} ${char}1${char}!${char}B\n`;
    }
    expect(borders).toBeGreaterThan(2_000);
    agrees(text);
  });

  test("any Unicode text, and what JavaScript holds beside it, gives tiktoken's tokens", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 60 }), agrees), { numRuns: 500 });
    agrees("lone \ud800 and \udc00\ud800 surrogates");
    agrees("");
    agrees("\0\0\u0001 \0a");
  });

  test("the sources of this project give tiktoken's tokens", () => {
    for (const directory of ["src/kernels", "src/prompt", "assembly", "src/ui/views", "test/kernels"])
      for (const [file, text] of sources(directory)) {
        if (text.length > 100_000) continue;
        expect([...tokenizer.encode(text)], file).toEqual(expected(text));
      }
  });

  test("bytes give what the same text gives", () => {
    fc.assert(
      fc.property(mixed, (parts) => {
        const text = parts.join("").toWellFormed();
        expect(tokenizer.encode(Buffer.from(text))).toEqual(tokenizer.encode(text));
      }),
      { numRuns: 100 },
    );
  });

  test("a text longer than what the kernel takes at once gives the same tokens, wherever it is cut", () => {
    const unit = "const größe = await 日本語(); // it's 👨‍👩‍👧 1234567\r\n\t\t    \n";
    for (let shift = 0; shift < 8; shift++) {
      const text = "x".repeat(shift) + unit.repeat(1_000);
      const want = expected(text);
      expect([...tokenizer.encode(text)]).toEqual(want);
      expect(tokenizer.count(Buffer.from(text))).toBe(want.length);
    }
  });

  test("long runs without a border give tiktoken's tokens", () => {
    let seed = 1;
    const of = (letters: string, length: number): string =>
      Array.from({ length }, () => {
        seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
        return letters[(seed >>> 8) % letters.length];
      }).join("");
    // tiktoken's own time grows with the square of these.
    for (const text of [
      "=".repeat(5_000),
      " ".repeat(5_000),
      of("ACGT", 3_000),
      of("abcdefghij", 3_000),
      of(" \n\t\r", 5_000),
      of("的一是不了人我", 1_500),
    ])
      agrees(`a${text}b`);
    for (const length of [15, 16, 17, 63, 64, 65, 127, 128, 129, 130]) agrees(of("xyzw", length));
  });

  test("a run longer than any window still ends in tokens that say it", () => {
    const run = "=".repeat(300_001);
    const ids = tokenizer.encode(run);
    expect(new TextDecoder().decode(oracle.decode(ids))).toBe(run);
    expect(tokenizer.count(run)).toBe(ids.length);
    const marks = "中".repeat(100_000);
    expect(new TextDecoder().decode(oracle.decode(tokenizer.encode(Buffer.from(marks))))).toBe(marks);
  });

  test("bytes that are no UTF-8 end in some count", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(tokenizer.count(bytes)).toBe(tokenizer.encode(bytes).length);
        expect(tokenizer.count(bytes)).toBeLessThanOrEqual(bytes.length * 3);
      }),
      { numRuns: 300 },
    );
    expect(tokenizer.count(new Uint8Array(300_000).fill(0x80))).toBeGreaterThan(0);
  });
});

test("merging a run ten times as long takes at most eleven times as many steps", () => {
  const tokenizer = openTokenizer(kernels, "wasm") as WasmTokenizer;
  const steps = (text: string): number => {
    const before = tokenizer.mergeSteps;
    tokenizer.count(text);
    return tokenizer.mergeSteps - before;
  };
  const letters = (length: number): string => Array.from({ length }, (_, i) => "ACGT"[(i * i + (i >> 3)) & 3]).join("");
  const base64 = (length: number): string =>
    Buffer.from(Array.from({ length }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24)).toString("base64");
  for (const run of [(n: number) => "=".repeat(n), (n: number) => " ".repeat(n), letters, base64]) {
    expect(steps(run(10_000))).toBeGreaterThan(0);
    expect(steps(run(100_000))).toBeLessThan(11 * steps(run(10_000)));
  }
});

test("the kernel's regions follow one another, each as large as what is written there", () => {
  const ranks = abi.TOKENS_MAX * 4;
  const regions: [at: number, bytes: number][] = [
    [abi.CLASS_INDEX, abi.CLASS_INDEX_BYTES],
    [abi.CLASS_BLOCKS, abi.CLASS_BLOCKS_BYTES],
    [abi.BYTE_IDS, 256 * 4],
    [abi.SMALL_KEYS, abi.SMALL_MAX * 4],
    [abi.SMALL_NEXT, abi.SMALL_MAX * 2],
    [abi.SMALL_PREV, abi.SMALL_MAX * 2],
    [abi.SMALL_IDS, abi.SMALL_MAX * 4],
    [abi.PIECES, 32 << abi.PIECES_BITS],
    [abi.PAIRS, 65_536 * 4],
    [abi.LONG, 16 << abi.LONG_BITS],
    [abi.SHORT, 16 << abi.SHORT_BITS],
    [abi.LENGTHS, abi.TOKENS_MAX],
    [abi.BYTES, abi.BYTES_MAX],
    [abi.FILTER, 1 << (abi.FILTER_BITS - 3)],
    [abi.IN, abi.IN_BYTES + abi.IN_GUARD],
    [abi.OUT, abi.IN_BYTES * 4],
    [abi.RUN_NEXT, abi.IN_BYTES * 4],
    [abi.RUN_PREV, abi.IN_BYTES * 4],
    [abi.RUN_RANK, abi.IN_BYTES * 4],
    [abi.WAITING, abi.TOKENS_MAX / 8],
    [abi.WAITING_64, abi.TOKENS_MAX / 8 / 64 + 8],
    [abi.WAITING_4096, 8],
    [abi.FIRST_ENTRY, ranks],
    [abi.LAST_ENTRY, ranks],
    [abi.ENTRIES, abi.ENTRIES_MAX * 8],
    [abi.MEMORY_PAGES * 65_536, 0],
  ];
  for (const [i, [at, bytes]] of regions.entries()) expect(at + bytes, `region ${i}`).toBeLessThanOrEqual(regions[i + 1]?.[0] ?? Infinity);
  expect(abi.ENTRIES_MAX).toBe(3 * abi.IN_BYTES);
  expect(0x110000 >> abi.CLASS_SHIFT).toBe(abi.CLASS_INDEX_BYTES / 2);
});

describe("without a whole table", () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "crush-tokens-"));
  afterAll(() => fs.rmSync(directory, { recursive: true }));

  test("a build that had no vocabulary has no tokenizer", () => {
    expect(openTokenizer(directory)).toBeUndefined();
  });

  test("a damaged or foreign table is refused by name, with what to do", () => {
    const table = fs.readFileSync(path.join(kernels, "o200k.bin"));
    const write = (bytes: Uint8Array): void => fs.writeFileSync(path.join(directory, "o200k.bin"), bytes);
    const flipped = Buffer.from(table);
    flipped[flipped.length >> 1]! ^= 1;
    write(flipped);
    expect(() => readTokenTable(directory)).toThrow(/o200k\.bin is damaged: remove it and run the build/);
    write(table.subarray(0, table.length - 1));
    expect(() => readTokenTable(directory)).toThrow(/damaged/);
    flipped.writeUInt32LE(99, 4);
    write(flipped);
    expect(() => readTokenTable(directory)).toThrow(/is not of format 1/);
    write(new Uint8Array(3));
    expect(() => readTokenTable(directory)).toThrow(/is not of format 1/);
  });
});
