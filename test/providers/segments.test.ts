// Segments in pieces: what is sent is the same, whether long texts become bytes by the kernel or JSON.stringify makes a string.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { WireFormat } from "../../src/contracts/wire-format.ts";
import { openWireFormats } from "../../src/providers/index.ts";
import type { Message } from "../../src/protocol/index.ts";
import { anything } from "./encode-support.ts";
import { messageOf, part, requestOf } from "./support.ts";

const providers = [
  { type: "openai-compat" },
  { type: "openai", baseUrl: "https://api.openai.com/v1" },
  { type: "anthropic" },
  { type: "google" },
] as const;
const all = (["wasm", "plain"] as const).flatMap((mode) =>
  providers.map((provider) => openWireFormats("dist/kernels", mode)(provider)!).map((wire) => [wire.id, mode, wire] as const),
);

/** The pieces, copied as a sink must; undefined when nothing is sent. */
function written(wire: WireFormat, message: Message, request = requestOf({})): { json: string; bytes: number } | undefined {
  const pieces: Buffer[] = [];
  let bytes = 0;
  const said = wire.write(message, request, {
    text: (json) => void pieces.push(Buffer.from(json)),
    bytes(json) {
      pieces.push(Buffer.from(json));
      bytes += json.length;
    },
  });
  expect(said).toBe(pieces.length > 0);
  return said ? { json: Buffer.concat(pieces).toString(), bytes } : undefined;
}

/** Makes texts of a message long, so that the kernel has them. */
const stretch = (message: Message, by: number): Message => ({
  ...message,
  parts: message.parts.map((one) => (one.kind !== "tool_call" && one.text !== undefined ? { ...one, text: one.text.repeat(by) } : one)),
});

describe.each(all)("%s, %s", (id, _, wire) => {
  test("any message in pieces is its segment", () => {
    fc.assert(
      fc.property(anything(id), fc.constantFrom(1, 20, 300), ([request, messages], by) => {
        for (const message of messages.map((one) => stretch(one, by)))
          expect(written(wire, message, request)?.json).toBe(wire.segment(message, request));
      }),
      { numRuns: 100 },
    );
  });

  test("a long result goes as bytes, whatever stands in it", () => {
    for (const text of ["x".repeat(10_000), '\u0000"\\\n'.repeat(9_000), "🙂→é\u2028".repeat(20_000), `${"\ud800x".repeat(300)}`]) {
      const message = messageOf("tool", [part.result("c1", text), part.result("c2", "short")]);
      const { json, bytes } = written(wire, message)!;
      expect(json === wire.segment(message, requestOf({}))).toBe(true);
      expect(bytes).toBeGreaterThanOrEqual(text.length);
    }
  });

  test("arguments of a call keep their keys, order and nesting", () => {
    const long = "y".repeat(400);
    for (const input of [
      `{"b":"${long}","a":[null,1.50,"${long}",{"":true}],"2":0,"1":{},"__proto__":{"x":"${long}"},"toJSON":"no"}`,
      `{"a":${"[".repeat(2_000)}"${long}"${"]".repeat(2_000)}}`,
      "[1]",
      `{"cut":"${long}`,
    ]) {
      const message = messageOf("assistant", [part.call("c", "view", input)]);
      expect(written(wire, message)?.json).toBe(wire.segment(message, requestOf({})));
    }
  });
});
