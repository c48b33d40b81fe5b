import { expect, test } from "vitest";
import type { Config } from "../../src/contracts/config.ts";
import { ConfigWatch } from "../../src/coordinator/registry/config-watch.ts";
import type { Screen } from "../../src/coordinator/registry/screens.ts";
import { Workspaces } from "../../src/coordinator/registry/workspaces.ts";
import { config } from "./support/harness.ts";

class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly file = "/etc/crush.json";
  readonly line = 3;
}

function open() {
  const disk = { stamp: "1", answer: (): Config => config({ files: ["one"] }) };
  const watchers = new Map<string, () => void>();
  const screens: Screen[] = [];
  const told: [number, string | undefined][] = [];
  const workspaces = new Workspaces({
    env: {},
    configStamp: async () => disk.stamp,
    loadConfig: async () => disk.answer(),
  });
  const watch = new ConfigWatch({
    watch: ({ workspace }, changed) => {
      watchers.set(workspace, changed);
      return () => watchers.delete(workspace);
    },
    workspaces,
    screens: () => screens,
    tell: ({ id }, notice) => told.push([id, notice]),
    log: { debug() {}, info() {}, warn() {}, error() {} },
  });
  return { disk, watchers, screens, told, workspaces, watch };
}
const screen = (id: number, workspace: string) => ({ id, workspace }) as Screen;
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

test("workspaces are watched as long as one of their screens is there", () => {
  const { watchers, screens, watch } = open();
  screens.push(screen(1, "/a"), screen(2, "/a"), screen(3, "/b"));
  watch.sync();
  expect([...watchers.keys()]).toEqual(["/a", "/b"]);
  screens.splice(0, 1);
  watch.sync();
  expect([...watchers.keys()]).toEqual(["/a", "/b"]);
  screens.splice(0, 1);
  watch.sync();
  expect([...watchers.keys()]).toEqual(["/b"]);
});

test("a change is told to the screens of its workspace, and what changes nothing to nobody", async () => {
  const { disk, watchers, screens, told, watch } = open();
  screens.push(screen(1, "/a"), screen(2, "/b"), screen(3, "/a"));
  watch.sync();
  disk.stamp = "2";
  watchers.get("/a")!();
  await settled();
  expect(told).toEqual([
    [1, undefined],
    [3, undefined],
  ]);
  watchers.get("/a")!();
  await settled();
  expect(told).toHaveLength(2);
});

test("a mistake keeps the configuration before it, says so, and is over when the file is right again", async () => {
  const { disk, watchers, screens, told, workspaces, watch } = open();
  screens.push(screen(1, "/a"));
  watch.sync();
  expect((await workspaces.config("/a")).files).toEqual(["one"]);
  disk.stamp = "2";
  disk.answer = () => {
    throw new ConfigError("/etc/crush.json:3: is not valid JSON");
  };
  watchers.get("/a")!();
  await settled();
  expect(told).toEqual([[1, "The configuration before is kept: /etc/crush.json:3: is not valid JSON"]]);
  const kept = await workspaces.config("/a");
  expect(kept.files).toEqual(["one"]);
  expect(kept.notices).toEqual([{ file: "/etc/crush.json", line: 3, message: "is not valid JSON; the configuration before is kept" }]);
  disk.stamp = "3";
  disk.answer = () => config({ files: ["three"] });
  watchers.get("/a")!();
  await settled();
  expect(told.at(-1)).toEqual([1, undefined]);
  expect(await workspaces.config("/a")).toMatchObject({ files: ["three"], notices: [] });
});

test("without one before, for another environment and without a screen, a mistake is an error", async () => {
  const { disk, workspaces, screens, watch } = open();
  screens.push(screen(1, "/a"));
  watch.sync();
  disk.answer = () => {
    throw new ConfigError("wrong");
  };
  await expect(workspaces.config("/a")).rejects.toThrow("wrong");
  disk.answer = () => config();
  await workspaces.config("/a");
  disk.answer = () => {
    throw new ConfigError("wrong");
  };
  workspaces.setEnv("/a", { KEY: "other" });
  await expect(workspaces.config("/a")).rejects.toThrow("wrong");
  workspaces.setEnv("/a", {});
  screens.length = 0;
  watch.sync();
  disk.stamp = "2";
  await expect(workspaces.config("/a")).rejects.toThrow("wrong");
});
