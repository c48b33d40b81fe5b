import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { rgPath } from "@vscode/ripgrep";
import { afterAll, expect, test } from "vitest";
import { rank } from "../../src/workspace/fuzzy.ts";
import { createFileIndex } from "../../src/workspace/index.ts";

const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "crush-index-")));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));
for (const name of [
  "src/client/main.ts",
  "src/main.ts",
  "src/coordinator/turn/runner.ts",
  "test/main.test.ts",
  "README.md",
  "node_modules/main.ts",
  "ignored/main.ts",
  ".github/ci.yml",
]) {
  fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  fs.writeFileSync(path.join(root, name), "");
}
fs.writeFileSync(path.join(root, ".gitignore"), "ignored\n");

for (const [how, ripgrep] of [
  ["with ripgrep", rgPath],
  ["without ripgrep", ""],
] as const) {
  test(`completion ${how}: names before paths, directories too, nothing that is ignored`, async () => {
    const index = createFileIndex({ ripgrep });
    expect(await index.complete(root, "main", 10)).toEqual(
      ["src/main.ts", "test/main.test.ts", "src/client/main.ts"].sort((a, b) => a.length - b.length),
    );
    expect(await index.complete(root, "ctr", 2)).toEqual(["src/coordinator/turn/runner.ts", "src/coordinator/turn/"]);
    expect((await index.complete(root, "src/cl", 2))[0]).toBe("src/client/");
    expect(await index.complete(root, "readme", 5)).toEqual(["README.md"]);
    expect(await index.complete(root, "github", 5)).toContain(".github/");
    expect(await index.complete(root, "zzz", 5)).toEqual([]);
    expect((await index.complete(root, "", 3)).length).toBe(3);
  });
}

test("a listing is used while it is fresh, and made again behind the answer when it is not", async () => {
  let now = 1_000_000;
  const index = createFileIndex({ ripgrep: rgPath, now: () => now });
  await index.complete(root, "late", 5);
  fs.writeFileSync(path.join(root, "late.txt"), "");
  expect(await index.complete(root, "late", 5)).toEqual([]);
  now += 60_000;
  for (let i = 0; i < 300 && (await index.complete(root, "late", 5)).length === 0; i++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  expect(await index.complete(root, "late", 5)).toEqual(["late.txt"]);
});

test("a missing workspace completes to nothing", async () => {
  expect(await createFileIndex({ ripgrep: rgPath }).complete(path.join(root, "gone"), "x", 5)).toEqual([]);
  expect(await createFileIndex({ ripgrep: "" }).complete(path.join(root, "gone"), "x", 5)).toEqual([]);
});

test("characters must come in order; an exact name wins over a longer one", () => {
  const paths = ["lib/index.ts", "lib/index.test.ts", "docs/indexing.md", "i/n/d/e/x"];
  const lowers = paths.map((one) => one.toLowerCase());
  expect(rank(paths, lowers, "index.ts", 4)[0]).toBe("lib/index.ts");
  expect(rank(paths, lowers, "index", 4)[0]).toBe("lib/index.ts");
  expect(rank(paths, lowers, "xedni", 4)).toEqual([]);
  expect(rank(paths, lowers, "INDEX", 4)).toHaveLength(4);
});
