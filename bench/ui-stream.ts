// Claim: an answer that streams in deltas of about four tokens is laid out for what is new, against laying out the whole text
// at each delta (what a view does that keeps only the text). Ratio grows with the answer; here it is 8 KB.
// Notes: one delta through the whole view (event, rows, paint on a surface), after a short and a long history.
import assert from "node:assert/strict";
import { sameLook } from "../src/ui/layout/line.ts";
import { layoutMarkdown, MarkdownStream } from "../src/ui/layout/markdown.ts";
import { themeFor } from "../src/ui/theme/index.ts";
import { answered, Stage, turn, user } from "../test/ui/support.ts";
import { claim, smoke } from "./harness.ts";

const theme = themeFor(false);
const width = 118;
const paragraph =
  "The session worker keeps **every** part of the transcript as lines, and `MarkdownStream` lays out only the open chunk; see [the design](https://example.org/design).\n\n" +
  "- one item with some words\n- another item, 漢字 too\n\n```ts\nexport const rows = db.prepare(sql).all(id); // cached\nif (rows.length === 0) return undefined;\n```\n\n";
const text = paragraph.repeat(smoke ? 2 : 22);
const deltas = text.match(/[\s\S]{1,16}/g)!;

function streamed(): MarkdownStream {
  const stream = new MarkdownStream(width, theme);
  for (const delta of deltas) {
    stream.push(delta);
    void stream.openLines;
  }
  return stream;
}

/** Microseconds of one delta through the view, painted on a surface in memory. */
async function perDelta(turns: number): Promise<string> {
  const messages = Array.from({ length: turns }, (_, i) => [user(`t${i}`, `prompt ${i}`), answered(`t${i}`, paragraph)]).flat();
  const stage = new Stage({ session: "s1", cols: 120, rows: 40, messages });
  stage.event({ kind: "turn.started", data: { turn: turn("now", "running") } });
  await stage.settle();
  const start = process.hrtime.bigint();
  let offset = 0;
  for (const delta of deltas) {
    stage.delta("m1", "x1", offset, delta);
    stage.view.paint(stage.surface);
    offset += delta.length;
  }
  return `${(Number(process.hrtime.bigint() - start) / deltas.length / 1_000).toFixed(1)} us a delta`;
}
await perDelta(5);
const short = await perDelta(5);
const long = await perDelta(190);

export default claim({
  name: "a streamed answer is laid out once",
  gate() {
    const ours = streamed().lines;
    const whole = layoutMarkdown(text, width, theme);
    assert.equal(ours.length, whole.length);
    for (const [i, line] of ours.entries()) assert.ok(sameLook(line, whole[i]!), `line ${i}`);
  },
  ours: { name: "MarkdownStream", run: () => void streamed() },
  baselines: [
    {
      name: "whole text at each delta",
      floor: 15,
      run() {
        for (let at = 16; at <= text.length; at += 16) layoutMarkdown(text.slice(0, at), width, theme);
      },
    },
  ],
  work: { amount: deltas.length, unit: "deltas" },
  notes: () => ({ "the whole view, 5 turns of history": short, "the whole view, 190 turns of history": long }),
});
