// A view that goes on in another worker.
import { expect, test } from "vitest";
import { answered, Stage, user } from "./support.ts";

test("what was typed goes along to another worker, with its chips and cursor", async () => {
  const stage = new Stage();
  await stage.settle();
  const big = "x\n".repeat(50);
  await stage.type(`a \x1b[200~${big}\x1b[201~ b\x1b[D`);
  const moved = new Stage({ session: "s1", state: structuredClone(stage.view.state()) });
  expect(await moved.settle()).toContain("> a [pasted 51 lines] b");
  await moved.type("X\r");
  expect(moved.host.of("session.prompt")).toEqual([{ session: "s1", text: `a ${big} Xb` }]);
});

test("the initial prompt is sent once, and not again after a move", async () => {
  const stage = new Stage({ initialPrompt: "fix it" });
  await stage.settle();
  expect(stage.host.of("session.prompt")).toEqual([{ session: "s1", text: "fix it" }]);
  const moved = new Stage({ session: "s1", initialPrompt: "fix it", state: structuredClone(stage.view.state()) });
  await moved.settle();
  expect(moved.host.of("session.prompt")).toEqual([]);
});

test("the place in the transcript and what is unfolded go along to another worker", async () => {
  const messages = Array.from({ length: 30 }, (_, i) => [user(`t${i}`, `prompt ${i}`), answered(`t${i}`, `answer ${i}`)]).flat();
  const stage = new Stage({ session: "s1", messages });
  await stage.settle();
  await stage.type("\tbbb");
  const before = stage.surface.lines.slice(1, 18);
  const moved = new Stage({ session: "s1", messages, state: structuredClone(stage.view.state()) });
  await moved.settle();
  expect(moved.surface.lines.slice(1, 18)).toEqual(before);
});
