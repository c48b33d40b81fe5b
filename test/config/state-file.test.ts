import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dataFile, recentModels, saveModel, saveProvider } from "../../src/config/index.ts";
import { expand } from "../../src/config/expand.ts";

let home: string;
beforeEach(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), "state-"));
});
afterEach(() => fs.rmSync(home, { recursive: true, force: true }));
const env = () => ({ CRUSH_GLOBAL_DATA: path.join(home, "crush") });
const read = () => JSON.parse(fs.readFileSync(dataFile(env()), "utf8"));

test("a key is kept where Crush keeps it, for its owner only, and what stood there stays", () => {
  fs.mkdirSync(path.join(home, "crush"));
  fs.writeFileSync(
    dataFile(env()),
    JSON.stringify({ something: 1, providers: { other: { api_key: "x" }, openai: { disable: true, name: "Mine" } } }),
  );
  saveProvider(env(), "openai", { apiKey: "sk-1" });
  expect(read()).toEqual({ something: 1, providers: { other: { api_key: "x" }, openai: { name: "Mine", api_key: "sk-1" } } });
  expect(fs.statSync(dataFile(env())).mode & 0o777).toBe(0o600);
  expect(fs.readdirSync(path.join(home, "crush"))).toEqual(["crush.json"]);
});

test("whatever a key holds, it is a text to the configuration and never a command", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: fc.constantFrom(..."ab$(){}`'\"\\ |;") }), async (apiKey) => {
      saveProvider(env(), "p", { apiKey });
      expect(await expand(read().providers.p.api_key, { a: "no", b: "no" })).toBe(apiKey);
    }),
    { numRuns: 50 },
  );
});

test("a file that is no JSON is not replaced", () => {
  fs.mkdirSync(path.join(home, "crush"));
  fs.writeFileSync(dataFile(env()), "{ half");
  expect(() => saveProvider(env(), "openai", { apiKey: "sk-1" })).toThrow(/is no JSON object/);
  expect(fs.readFileSync(dataFile(env()), "utf8")).toBe("{ half");
  expect(recentModels(env())).toEqual({ large: [], small: [] });
});

test("a chosen model is first of the recent ones, five at most; its settings stay, those of another model go", () => {
  for (const model of ["a", "b", "c", "d", "e", "f", "c"]) saveModel(env(), "large", { provider: "p", model });
  expect(recentModels(env()).large.map(({ model }) => model)).toEqual(["c", "f", "e", "d", "b"]);
  saveModel(env(), "large", { provider: "p", model: "c", reasoningEffort: "high" });
  saveModel(env(), "large", { provider: "p", model: "c" });
  expect(read().models.large).toEqual({ provider: "p", model: "c", reasoning_effort: "high" });
  saveModel(env(), "large", { provider: "p", model: "c", reasoningEffort: "default" });
  expect(read().models.large).toEqual({ provider: "p", model: "c" });
  saveModel(env(), "large", { provider: "p", model: "c", reasoningEffort: "low" });
  saveModel(env(), "large", { provider: "p", model: "a" });
  expect(read().models.large).toEqual({ provider: "p", model: "a" });
  expect(recentModels(env()).small).toEqual([]);
});
