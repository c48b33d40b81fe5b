// Claim (facts: kernels, section 3a): a text becomes a JSON string in UTF-8, for a tool result or a file that goes to a provider.
// Against JSON.stringify + Buffer.from, from a JS string and from bytes; the kernel's figures include the copy into its memory and
// out of it.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { WasmJsonStrings } from "../src/kernels/escape.ts";
import { loadKernel } from "../src/kernels/load.ts";
import { plainJsonStrings } from "../src/kernels/reference/escape.ts";
import { type Claim, claim, smoke } from "./harness.ts";
import { median } from "./support/median.ts";

const size = smoke ? 65_536 : 1 << 20;
const kernel = new WasmJsonStrings(loadKernel("dist/kernels", "escape"));

/** Source code of this project, as often as it takes. */
const folder = path.join(import.meta.dirname, "../src/session/completion");
const code = fs
  .readdirSync(folder)
  .filter((file) => file.endsWith(".ts"))
  .map((file) => fs.readFileSync(path.join(folder, file), "latin1"))
  .join("\n");
const source = Buffer.from(code.repeat(Math.ceil(size / code.length)).slice(0, size), "latin1").toString();
const texts: Record<string, string> = {
  "source code, ASCII": source.replace(/[^\u0000-\u007f]/g, "?"),
  // One character beyond Latin-1 in 500: V8 holds the whole with two bytes a character.
  "source code with some →": source.replace(/[^\u0000-\u007f]/g, "?").replace(/.{500}/gs, "$&→"),
  "Chinese with emoji": "你好世界，这是一个测试。看看 src/main.ts 🙂\n".repeat(Math.ceil(size / 32)),
};

const out = Buffer.allocUnsafeSlow(8 << 20);
let at = 0;
const take = (bytes: Uint8Array): void => {
  out.set(bytes, at);
  at += bytes.length;
};
const kernelText = (text: string): void => {
  at = 0;
  kernel.text(text, take);
};
const kernelBytes = (utf8: Uint8Array): void => {
  at = 0;
  kernel.bytes(utf8, take);
};

/** How many times as fast the kernel is for texts so short: from where on it is used (src/providers/shared/segments.ts). */
function shortTexts(): Record<string, string> {
  const once = (run: () => void): number => {
    const times = Array.from({ length: smoke ? 3 : 9 }, () => {
      const from = performance.now();
      for (let i = 0; i < 2_000; i++) run();
      return performance.now() - from;
    });
    return median(times);
  };
  return Object.fromEntries(
    [64, 128, 256, 512, 1_024].map((units) => {
      const text = source.slice(0, units);
      const theirs = once(() => out.write(JSON.stringify(text), 0));
      return [`${units} units, against JSON.stringify + write`, (theirs / once(() => kernelText(text))).toFixed(1)];
    }),
  );
}

/** @param floors  of the text, from a string and from bytes: about half of what is aimed at */
const claims = (name: string, text: string, floors: [number, number]): Claim[] => {
  const utf8 = Buffer.from(text);
  const work = { amount: utf8.length / 1e6, unit: "MB" };
  const sure = (write: () => void): void => {
    write();
    assert.ok(out.subarray(0, at).equals(Buffer.from(JSON.stringify(text))));
  };
  return [
    claim({
      name: `JSON string from a JS string of ${work.amount.toFixed(2)} MB: ${name}`,
      gate: () => sure(() => kernelText(text)),
      ours: { name: "escape kernel, from UTF-16", run: () => kernelText(text) },
      baselines: [{ name: "JSON.stringify + Buffer.from", run: () => void Buffer.from(JSON.stringify(text)), floor: floors[0] }],
      work,
      ...(name === names[0] ? { notes: shortTexts } : {}),
    }),
    claim({
      name: `JSON string from ${work.amount.toFixed(2)} MB of UTF-8: ${name}`,
      gate: () => sure(() => kernelBytes(utf8)),
      ours: { name: "escape kernel, bytes in and out", run: () => kernelBytes(utf8) },
      baselines: [{ name: "toString + JSON.stringify + Buffer.from", run: () => plainJsonStrings.bytes(utf8, () => {}), floor: floors[1] }],
      work,
    }),
  ];
};

const names = Object.keys(texts);
export default [
  ...claims(names[0]!, texts[names[0]!]!, [2.5, 5]),
  ...claims(names[1]!, texts[names[1]!]!, [5, 5]),
  ...claims(names[2]!, texts[names[2]!]!, [2, 5]),
];
