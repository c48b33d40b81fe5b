import { expect, test } from "vitest";
import type { Message } from "../../src/protocol/index.ts";
import { layoutCounters } from "../../src/ui/layout/markdown.ts";
import { blockCounters } from "../../src/ui/views/transcript/block.ts";
import { answered, assistant, Stage, turn, user } from "./support.ts";

const history = (turns: number): Message[] =>
  Array.from({ length: turns }, (_, i) => [user(`t${i}`, `prompt ${i}`), answered(`t${i}`, `answer ${i}\n\nmore of ${i}`)]).flat();
const mouse = (button: number, col: number, row: number, up = false): string => `\x1b[<${button};${col + 1};${row + 1}${up ? "m" : "M"}`;

test("opening and streaming lay out what is in sight, however long the history is", async () => {
  const work = async (turns: number): Promise<{ opened: number; streamed: number; characters: number }> => {
    const start = blockCounters.layouts;
    const stage = new Stage({ session: "s1", messages: history(turns) });
    await stage.settle();
    const opened = blockCounters.layouts - start;
    stage.event({ kind: "turn.started", data: { turn: turn("now", "running") } });
    stage.delta("m1", "x1", 0, "word ");
    stage.paint();
    const from = blockCounters.layouts;
    const characters = layoutCounters.characters;
    for (let i = 1; i < 300; i++) {
      stage.delta("m1", "x1", i * 5, i % 20 === 0 ? "end\n\n" : "word ");
      stage.paint();
    }
    return { opened, streamed: blockCounters.layouts - from, characters: layoutCounters.characters - characters };
  };
  const short = await work(20);
  const long = await work(195);
  expect(long).toEqual(short);
  expect(short.opened).toBeLessThan(30);
  expect(short.streamed).toBe(0);
});

test("a frame of a stream paints the rows that changed, and scrolls the rest", async () => {
  const stage = new Stage({ session: "s1", messages: history(20), rows: 40 });
  stage.event({ kind: "turn.started", data: { turn: turn("now", "running") } });
  stage.delta("m1", "x1", 0, "first\n\n");
  await stage.settle();
  stage.surface.settle();
  stage.delta("m1", "x1", 7, "sec");
  stage.paint();
  stage.surface.settle();
  stage.delta("m1", "x1", 10, "ond");
  stage.paint();
  expect(stage.surface.touched.size).toBe(1);
  stage.surface.settle();
  stage.delta("m1", "x1", 13, "\n\nthird");
  stage.paint();
  expect(stage.surface.scrolls).toHaveLength(1);
  expect(stage.surface.touched.size).toBeLessThanOrEqual(2);
});

test("scrolling up pages older history in, keeps the place, and end returns", async () => {
  const all = history(100);
  const stage = new Stage({
    session: "s1",
    replies: {
      "session.messages": ({ before, limit = 60 }) => {
        const end = before === undefined ? all.length : all.findIndex((message) => message.id === before);
        return { messages: all.slice(Math.max(0, end - limit), end), more: end > limit };
      },
    },
  });
  expect(await stage.settle()).toContain("answer 99");
  expect(stage.host.of("session.messages")).toHaveLength(1);
  await stage.type("\t");
  await stage.type("g");
  expect(stage.paint()).toContain("prompt 70");
  expect(stage.host.of("session.messages")).toHaveLength(2);
  await stage.type("kk");
  expect(stage.paint()).toContain("more of 69");
  const place = stage.surface.row(1);
  // An answer that streams below does not move what is being read.
  stage.delta("m1", "x1", 0, "streaming\n\n".repeat(30));
  stage.paint();
  expect(stage.surface.row(1)).toBe(place);
  await stage.type("G");
  expect(stage.paint()).toContain("streaming");
});

test("the wheel scrolls three lines", async () => {
  const stage = new Stage({ session: "s1", messages: history(30) });
  await stage.settle();
  const before = stage.surface.row(1);
  await stage.type(mouse(64, 5, 5));
  expect(stage.surface.row(4)).toBe(before);
  await stage.type(mouse(65, 5, 5));
  expect(stage.surface.row(1)).toBe(before);
});

test("a drag selects text and copies it on release, softly wrapped lines joined, gutters left out", async () => {
  const stage = new Stage({ session: "s1", cols: 40, messages: [user("t0", "alpha beta gamma delta epsilon zeta eta theta iota")] });
  await stage.settle();
  const row = stage.surface.lines.findIndex((line) => line.includes("alpha"));
  await stage.type(mouse(0, 9, row) + mouse(32, 11, row + 1) + mouse(0, 11, row + 1, true));
  expect(stage.host.effects.filter((effect) => effect.effect === "copy")).toEqual([
    { effect: "copy", text: "beta gamma delta epsilon zeta eta theta" },
  ]);
});

test("code that was cut to fit is copied whole", async () => {
  const code = `${"x".repeat(50)}+${"y".repeat(20)}`;
  const stage = new Stage({ session: "s1", cols: 40, messages: [answered("t0", `\`\`\`\n${code}\nz\n\`\`\``)] });
  await stage.settle();
  const row = stage.surface.lines.findIndex((line) => line.includes("xxx"));
  await stage.type(mouse(0, 0, row) + mouse(32, 30, row + 2) + mouse(0, 30, row + 2, true));
  expect(stage.host.effects.find((effect) => effect.effect === "copy")?.text).toBe(`${code}\nz`);
});

test("a double click copies a word, a triple click the line, a move alone nothing", async () => {
  const stage = new Stage({ session: "s1", messages: [user("t0", "say snake_case, please")] });
  await stage.settle();
  const row = stage.surface.lines.findIndex((line) => line.includes("snake"));
  const click = mouse(0, 10, row) + mouse(0, 10, row, true);
  await stage.type(mouse(35, 3, row) + click);
  expect(stage.host.effects.filter((effect) => effect.effect === "copy")).toEqual([]);
  await stage.type(click);
  await stage.type(click);
  expect(stage.host.effects.filter((effect) => effect.effect === "copy").map((effect) => effect.text)).toEqual([
    "snake_case",
    "say snake_case, please",
  ]);
});

test("a click on a folded header opens it, a click into the editor goes there", async () => {
  const stage = new Stage({
    session: "s1",
    messages: [
      assistant("m1", "t0", {
        finishedAt: 1,
        finish: "tool_use",
        parts: [{ id: "x1", index: 0, kind: "reasoning", text: "deep thought" }],
      }),
    ],
  });
  await stage.settle();
  const row = stage.surface.lines.findIndex((line) => line.includes("Thought"));
  expect(await stage.type(mouse(0, 4, row) + mouse(0, 4, row, true))).toContain("deep thought");
  await stage.type("hello");
  await stage.type(mouse(0, 2, 20) + mouse(0, 2, 20, true));
  await stage.type("Xx");
  expect(stage.paint()).toContain("> Xx");
});
