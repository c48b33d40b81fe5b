import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Judge, openJudge, type ShellKind } from "../../src/shell/index.ts";
import { makeWorkspace, type Workspace } from "./support/workspace.ts";

type Case = { cmd: string; shell: ShellKind; expect: "allow" | "ask" | "deny"; why: string };

const directory = path.join(import.meta.dirname, "corpus");
const corpus = fs
  .readdirSync(directory)
  .filter((name) => name.endsWith(".jsonl"))
  .map((name) => ({
    name,
    cases: fs
      .readFileSync(path.join(directory, name), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Case),
  }));

let judge: Judge;
let workspace: Workspace;
beforeAll(async () => {
  judge = await openJudge();
  workspace = makeWorkspace();
});
afterAll(() => workspace.remove());

describe("every command of the corpus is judged as written there", () => {
  for (const { name, cases } of corpus) {
    for (const decision of ["allow", "ask", "deny"] as const) {
      const chosen = cases.filter((one) => one.expect === decision);
      if (chosen.length === 0) continue;
      test(`${name}: ${chosen.length} to ${decision}`, async () => {
        const wrong: string[] = [];
        for (const { cmd, shell, expect: wanted, why } of chosen) {
          const verdict = await judge.check({ command: cmd, shell, cwd: workspace.cwd, rules: [], env: workspace.env });
          if (verdict.decision !== wanted) wrong.push(`${JSON.stringify(cmd)} (${why}): ${verdict.decision}, ${verdict.why}`);
        }
        expect(wrong).toEqual([]);
      });
    }
  }
});

test("the corpus holds at least 600 cases", () => {
  expect(corpus.flatMap(({ cases }) => cases).length).toBeGreaterThanOrEqual(600);
});
