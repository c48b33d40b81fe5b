import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { watchConfig } from "../../src/config/index.ts";
import { openPlaces, type Places } from "./support/places.ts";

let places: Places;
let stop = (): void => {};
let changes = 0;
const more = () => Math.random().toString();
beforeEach(() => {
  places = openPlaces();
  changes = 0;
  fs.mkdirSync(path.join(places.configDir, "themes"));
  stop = watchConfig(
    { workspace: places.workspace, configDir: places.configDir, env: places.env },
    [path.join(places.dataDir, "trust.json")],
    [path.join(places.configDir, "themes")],
    () => changes++,
  );
});
afterEach(() => {
  stop();
  places.dispose();
});
const changed = async (count: number) => {
  while (changes < count) await new Promise((resolve) => setTimeout(resolve, 10));
};

test("a file that is written, replaced, made or removed is told once for a burst", async () => {
  for (let i = 0; i < 5; i++) places.user({ env: { A: more() } });
  await changed(1);
  fs.writeFileSync(path.join(places.configDir, ".new"), "{}");
  fs.renameSync(path.join(places.configDir, ".new"), path.join(places.configDir, "crush.json"));
  await changed(2);
  places.project({});
  await changed(3);
  fs.rmSync(path.join(places.workspace, "crush.json"));
  await changed(4);
  places.write(path.join(places.repository, ".crushrc"), "option debug");
  await changed(5);
  places.write(path.join(places.configDir, "themes", "mine.json"), "{}");
  await changed(6);
  places.write(path.join(places.dataDir, "trust.json"), "{}");
  await changed(7);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(changes).toBe(7);
});

test("other files of the same directories are nothing", async () => {
  places.write(path.join(places.workspace, "main.ts"), "x");
  places.write(path.join(places.configDir, "notes.md"), "x");
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(changes).toBe(0);
});
