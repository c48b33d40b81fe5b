import { applyPatch } from "diff";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createCompute, runTask } from "../../src/compute/index.ts";
import { unifiedDiff } from "../../src/compute/diff.ts";

const text = fc
  .array(fc.constantFrom("a", "b", "c", "", "same"), { maxLength: 30 })
  .chain((lines) => fc.constantFrom(lines.join("\n"), `${lines.join("\n")}\n`));

test("a difference applied to the text before gives the text after, and counts what it shows", () => {
  fc.assert(
    fc.property(text, text, fc.constantFrom(1_000, 1), (before, after, editsMax) => {
      const { patch, additions, removals } = unifiedDiff("f", before, after, editsMax);
      if (before === after) {
        expect(patch).toBe("");
        return;
      }
      expect(applyPatch(before, patch, { fuzzFactor: 0 })).toBe(after);
      const lines = patch.split("\n").slice(2);
      expect(additions).toBe(lines.filter((line) => line.startsWith("+")).length);
      expect(removals).toBe(lines.filter((line) => line.startsWith("-")).length);
    }),
    { numRuns: 500 },
  );
});

test("a change deep in a long file names its line and shows three lines around it", () => {
  const lines = Array.from({ length: 5_000 }, (_, i) => `line ${i + 1}`);
  const after = [...lines];
  after[2_999] = "changed";
  expect(unifiedDiff("f", lines.join("\n"), after.join("\n"), 100).patch).toBe(
    "--- a/f\n+++ b/f\n@@ -2997,7 +2997,7 @@\n line 2997\n line 2998\n line 2999\n-line 3000\n+changed\n line 3001\n line 3002\n line 3003\n",
  );
});

test("a huge difference is cut and says so, its counts are of all of it", async () => {
  const after = Array.from({ length: 30_000 }, (_, i) => `new line number ${i}`).join("\n");
  const { patch, additions, removals } = await runTask({ kind: "diff", path: "f", before: "old\n", after });
  expect(patch.length).toBeLessThan(300_000);
  expect(patch).toMatch(/\\ \d+ more lines of this difference are not shown\n$/);
  expect([additions, removals]).toEqual([30_000, 1]);
});

test("small differences are made where they are asked for, big ones and pages by the worker", async () => {
  const given: string[] = [];
  const compute = createCompute((task) => {
    given.push(task.kind);
    return task.kind === "complete" ? Promise.resolve([task.query]) : runTask(task);
  });
  const long = "x\n".repeat(15_000);
  expect((await compute.diff("f", "a\n", "b\n")).additions).toBe(1);
  expect((await compute.diff("f", long, `${long}y\n`)).additions).toBe(1);
  expect(given).toEqual([]);
  expect((await compute.diff("f", long + long, `${long + long}y\n`)).additions).toBe(1);
  expect(await compute.htmlToText("<p>x</p>", "text")).toBe("x");
  expect(await compute.complete({ workspace: "/w", ripgrep: "", query: "q", limit: 1 })).toEqual(["q"]);
  expect(given).toEqual(["diff", "html", "complete"]);
});

test("hostile pages end, and nothing of a script comes out", async () => {
  const deep = await runTask({ kind: "html", html: `${"<div>".repeat(20_000)}deep`, format: "markdown" });
  expect(deep.length).toBeLessThan(100);
  const html =
    "<script>alert(1)</script><style>a{}</style><a href='javascript:alert(1)'>go</a><svg><text>s</text></svg><img alt=a src='data:x'><table><tr><td>1<td>2</table>";
  expect(await runTask({ kind: "html", html, format: "markdown" })).toMatch(/^go\n*1 +2$/);
  expect(await runTask({ kind: "html", html: "not < html & all", format: "text" })).toBe("not < html & all");
});

test("the worker's entry does every kind of task", async () => {
  const { default: work } = await import("../../workers/compute.ts");
  expect(await work({ kind: "diff", path: "f", before: "", after: "x\n" })).toMatchObject({ additions: 1, removals: 0 });
  expect(await work({ kind: "html", html: "<b>x</b>", format: "markdown" })).toBe("**x**");
  expect(await work({ kind: "complete", workspace: import.meta.dirname, ripgrep: "", query: "compute", limit: 3 })).toEqual([
    "compute.test.ts",
  ]);
});
