import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { expect, test } from "vitest";
import type { ToMain } from "../../src/contracts/link.ts";
import { openDiff } from "../../src/kernels/diff.ts";
import { loadKernel } from "../../src/kernels/load.ts";
import { handedOver } from "../../src/session/handed-over.ts";

const patch = (bytes: Uint8Array): ToMain => ({ t: "patch", screen: 1, base: 0, seq: 1, bytes });

/** What main gets of a batch. */
function posted(batch: ToMain[]): ToMain[] {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(batch, handedOver(batch));
  const { message } = receiveMessageOnPort(port2) as { message: ToMain[] };
  port1.close();
  return message;
}

test("a full repaint goes to main without a copy, and arrives whole", () => {
  const diff = openDiff(loadKernel("dist/kernels", "diff"), { cols: 200, rows: 60, scroll: true, repeat: false, live: false });
  for (let at = 0; at < diff.next.words.length; at += 4) diff.next.words[at] = 97 + ((at >> 2) % 26);
  diff.next.dirty.fill(1);
  const bytes = diff.render({ row: 0, col: 0, visible: true }, 1 << 20);
  const before = bytes.slice();
  const [got] = posted([patch(bytes)]);
  expect(got).toEqual(patch(before));
  expect(bytes.length).toBe(0); // it is main's now
  // The screen goes on: its memory is its own.
  diff.next.words[0] = 65;
  diff.next.dirty[0] = 1;
  expect(new TextDecoder().decode(diff.render({ row: 0, col: 0, visible: true }, 1 << 20))).toContain("A");
});

test("a few words are copied, which costs no more, and so is a view of something larger", () => {
  const words = new TextEncoder().encode("a few words");
  const large = new Uint8Array(100_000).subarray(10, 90_000);
  expect(posted([patch(words), patch(large), { t: "screen.failed", screen: 2, message: "no" }]).length).toBe(3);
  expect(words.length).toBe(11);
  expect(large.length).toBe(89_990);
});
