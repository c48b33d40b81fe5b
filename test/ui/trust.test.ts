import { expect, test } from "vitest";
import type { ProjectFile } from "../../src/protocol/index.ts";
import { gpt, Stage } from "./support.ts";

const file = (more: Partial<ProjectFile> = {}): ProjectFile => ({
  file: "/home/me/project/crush.json",
  hash: "a".repeat(64),
  state: "new",
  script: false,
  keys: ["env", "mcp"],
  patch: '--- crush.json\n+++ crush.json\n@@ -0,0 +1,1 @@\n+{"env": {"A": "1"}, "mcp": {}}\n',
  ...more,
});

function stageWith(files: ProjectFile[], options: { untrusted?: number; rows?: number } = {}) {
  let now = files;
  const { untrusted = files.length, rows = 30 } = options;
  const stage = new Stage({
    rows,
    replies: {
      "model.list": () => ({ models: [gpt], large: gpt, notices: [], demo: false, ...(untrusted > 0 && { untrusted }) }),
      "trust.status": () => ({ files: now }),
      "trust.grant": () => ({}),
      "trust.decline": () => ({}),
      "ui.settings": () => ({ theme: { name: "auto" }, keys: {} }),
    },
  });
  return { stage, becomes: (next: ProjectFile[]) => (now = next) };
}

test("a project's configuration is shown and asked about after the first frame; y gives a yes to exactly what was shown", async () => {
  const { stage } = stageWith([file()]);
  expect(stage.paint()).not.toContain("brings its own configuration");
  const screen = await stage.settle();
  expect(screen).toContain("This project brings its own configuration");
  expect(screen).toContain("sets env, mcp");
  expect(screen).toContain('{"env": {"A": "1"}, "mcp": {}}');
  await stage.type("y");
  expect(stage.host.of("trust.grant")).toEqual([
    { workspace: "/home/me/project", files: [{ file: "/home/me/project/crush.json", hash: "a".repeat(64) }] },
  ]);
  expect(await stage.settle()).not.toContain("brings its own configuration");
  expect(stage.host.of("model.list")).toHaveLength(2);
});

test("n is kept by the server, esc asks again next time, and neither grants anything", async () => {
  const first = stageWith([file()]).stage;
  await first.settle();
  await first.type("n");
  expect([first.host.of("trust.decline").length, first.host.of("trust.grant").length]).toEqual([1, 0]);
  const second = stageWith([file()]).stage;
  await second.settle();
  await second.type("\u001b");
  await second.host.pass(100);
  expect(await second.settle()).not.toContain("brings its own configuration");
  expect([second.host.of("trust.decline").length, second.host.of("trust.grant").length]).toEqual([0, 0]);
});

test("a change shows what changed since it was trusted, also in a screen that was asked before", async () => {
  const { stage, becomes } = stageWith([file()]);
  await stage.settle();
  await stage.type("y");
  becomes([file({ hash: "b".repeat(64), state: "changed", patch: '@@ -1,1 +1,1 @@\n-{"a": 1}\n+{"b": 2}\n' })]);
  stage.view.configured!(undefined);
  const screen = await stage.settle();
  expect(screen).toContain("changed since you trusted it");
  expect(screen).toContain('- {"a": 1}');
  expect(screen).toContain('+ {"b": 2}');
});

test("the same contents are asked about once, and again by /trust", async () => {
  const { stage } = stageWith([file({ state: "new" })]);
  await stage.settle();
  await stage.type("\u001b");
  await stage.host.pass(100);
  stage.view.configured!(undefined);
  expect(await stage.settle()).not.toContain("brings its own configuration");
  expect(await stage.type("/trust\r")).toContain("brings its own configuration");
});

test("y takes nothing before the end was in sight", async () => {
  const patch = `@@ -0,0 +1,200 @@\n${Array.from({ length: 200 }, (_, i) => `+line ${i}`).join("\n")}\n`;
  const { stage } = stageWith([file({ patch })], { rows: 24 });
  await stage.settle();
  expect(await stage.type("y")).toContain("read it to its end first");
  expect(stage.host.of("trust.grant")).toEqual([]);
  for (let i = 0; i < 30; i++) await stage.type(" ");
  expect(await stage.settle()).toContain("line 199");
  await stage.type("y");
  expect(stage.host.of("trust.grant")).toHaveLength(1);
});

test("a key of somebody who still types does not answer", async () => {
  const { stage } = stageWith([file()]);
  await stage.type("why");
  expect(await stage.settle()).toContain("brings its own configuration");
  await stage.type("y");
  expect(stage.host.of("trust.grant")).toEqual([]);
  await stage.host.pass(600);
  await stage.type("y");
  expect(stage.host.of("trust.grant")).toHaveLength(1);
});

test("names and contents with escapes paint nothing but text", async () => {
  const evil = "\u001b]0;owned\u0007\u001b[2J\u202e";
  const { stage } = stageWith([
    file({ file: `/home/me/project/${evil}/crush.json`, keys: [`providers.${evil}`], patch: `@@ -0,0 +1,1 @@\n+${evil}\n` }),
    file({ file: "/home/me/project/crushrc", script: true, keys: [], patch: `@@ -0,0 +1,1 @@\n+echo ${evil}\n` }),
  ]);
  const screen = await stage.settle();
  expect(screen).toContain("brings its own configuration");
  expect(screen).toContain("a script, which would be run");
  expect(screen).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
});

test("a project that sets nothing of the kind is not asked about", async () => {
  const { stage } = stageWith([], { untrusted: 0 });
  await stage.settle();
  expect(stage.host.of("trust.status")).toEqual([]);
  expect(await stage.type("/trust\r")).toContain("sets nothing that needs trust");
});
