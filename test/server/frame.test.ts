// The server's own framing of what it sends, read by ws.
import { once } from "node:events";
import { expect, test } from "vitest";
import type { Writable } from "node:stream";
import * as ws from "ws";
import { frameOf } from "../../src/server/frame.ts";

// Its types leave it out.
const { Receiver } = ws as unknown as { Receiver: new (options: object) => Writable };

test.each([0, 1, 125, 126, 127, 16_384, 16_385, 65_535, 65_536, 1_000_003])(
  "a message of %i bytes is one frame that ws reads",
  async (length) => {
    const payload = Buffer.alloc(length, "x");
    for (const binary of [true, false]) {
      const receiver = new Receiver({ isServer: false, skipUTF8Validation: false });
      const read = once(receiver, "message");
      for (const piece of frameOf(payload, binary)) receiver.write(piece);
      const [data, isBinary] = (await read) as [Buffer, boolean];
      expect(isBinary).toBe(binary);
      expect(Buffer.compare(data, payload)).toBe(0);
    }
  },
);

test("a short message is one buffer, a long one is not copied", () => {
  expect(frameOf(Buffer.alloc(16_384), true)).toHaveLength(1);
  const long = Buffer.alloc(16_385);
  expect(frameOf(long, true)[1]).toBe(long);
});
