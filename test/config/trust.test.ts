import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { decideTrust, listTrust, projectFiles, revokeTrust } from "../../src/config/index.ts";
import { trustFile } from "../../src/config/trust.ts";
import { openPlaces, type Places } from "./support/places.ts";

let places: Places;
const request = () => ({ workspace: places.workspace, configDir: places.configDir, env: places.env, dataDir: places.dataDir });
const states = () => projectFiles(request()).map(({ file, state }) => `${path.relative(places.repository, file)} ${state}`);
const grant = () => decideTrust(request(), "grant", projectFiles(request()));
beforeEach(() => {
  places = openPlaces();
});
afterEach(() => places.dispose());

test("a project's file counts from the yes to exactly its contents on, until one byte of it changes", async () => {
  const file = places.project({ env: { A: "1" }, permissions: { allowed_tools: ["view"] } });
  expect((await places.load()).env).toEqual({});
  expect((await places.load()).untrusted).toMatchObject([
    { file, state: "new", keys: ["env", "permissions"], script: false, declined: false },
  ]);
  grant();
  const config = await places.load();
  expect(config).toMatchObject({ env: { A: "1" }, permissions: { allowedTools: ["view"] }, untrusted: [], notices: [] });
  fs.appendFileSync(file, "\n");
  expect((await places.load()).env).toEqual({});
  expect((await places.load()).untrusted).toMatchObject([{ file, state: "changed" }]);
});

test("what was trusted is kept to show what changed", () => {
  const file = places.project({ env: { A: "1" } });
  grant();
  const before = fs.readFileSync(file, "utf8");
  places.project({ env: { A: "2" } });
  expect(projectFiles(request())).toMatchObject([{ state: "changed", before }]);
});

test("a yes to contents that have changed meanwhile decides nothing", () => {
  places.project({ env: { A: "1" } });
  places.project("option debug", "crushrc");
  const shown = projectFiles(request());
  places.project({ env: { A: "2" } });
  expect(() => decideTrust(request(), "grant", shown)).toThrow(/has changed since it was shown/);
  expect(states()).toEqual(["inner/crush.json new", "inner/crushrc new"]);
});

test("a no is kept for these contents, and asks again when they change", async () => {
  places.project({ env: { A: "1" } });
  decideTrust(request(), "decline", projectFiles(request()));
  expect((await places.load()).untrusted).toMatchObject([{ declined: true }]);
  places.project({ env: { A: "2" } });
  expect((await places.load()).untrusted).toMatchObject([{ declined: false }]);
});

test("a script is run only when it is trusted, and with the text that was trusted", async () => {
  const ran = path.join(places.root, "ran");
  places.project(`touch ${ran}\noption debug\n`, "crushrc");
  const before = await places.load();
  expect(fs.existsSync(ran)).toBe(false);
  expect(before.options.debug).toBe(false);
  expect(before.notices).toEqual([{ file: path.join(places.workspace, "crushrc"), message: expect.stringContaining("was not run") }]);
  grant();
  expect((await places.load()).options.debug).toBe(true);
  expect(fs.existsSync(ran)).toBe(true);
});

test("what is harmless needs no yes and is not asked about", async () => {
  places.project({ options: { tui: { diff_mode: "split" } } });
  const config = await places.load();
  expect(config.options.tui.diffMode).toBe("split");
  expect([config.untrusted, config.notices, states()]).toEqual([[], [], []]);
});

test("keys and themes of a project need a yes: they could make enter answer a question", async () => {
  places.project({ options: { node: { keys: { permission: { allow: "d" } }, theme: "x" } } });
  const config = await places.load();
  expect(config.options.node).toEqual({ theme: "auto", keys: {} });
  expect(config.untrusted).toMatchObject([{ keys: ["options.node"] }]);
});

test("decisions are the user's alone to read, and a torn file grants nothing", async () => {
  places.project({ env: { A: "1" } });
  grant();
  const file = trustFile(places.dataDir);
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  fs.truncateSync(file, fs.statSync(file).size - 5);
  expect((await places.load()).env).toEqual({});
});

test("taking trust back covers the directory and what is below, and nothing beside it", () => {
  places.project({ env: { A: "1" } });
  const beside = `${places.repository}-beside`;
  fs.mkdirSync(beside);
  places.write(path.join(beside, "crush.json"), { env: { A: "1" } });
  const other = { ...request(), workspace: beside };
  grant();
  decideTrust(other, "grant", projectFiles(other));
  expect(revokeTrust(places.dataDir, places.repository)).toEqual([path.join(places.workspace, "crush.json")]);
  expect(listTrust(places.dataDir).map(({ file }) => file)).toEqual([path.join(beside, "crush.json")]);
});

test("links out of the project, pipes and directories are not read, and the rest counts", async () => {
  const outside = places.write(path.join(places.root, "secret.json"), { env: { A: "1" }, options: { debug: true } });
  fs.symlinkSync(outside, path.join(places.workspace, "crush.json"));
  fs.symlinkSync("/dev/zero", path.join(places.workspace, "crushrc"));
  fs.mkdirSync(path.join(places.workspace, ".crushrc"));
  places.project({ options: { tui: { diff_mode: "split" } } }, ".crush.json");
  const config = await places.load();
  expect(config.options.tui.diffMode).toBe("split");
  expect(config.notices.map(({ message }) => message)).toEqual([
    expect.stringContaining("link that leads out of the project"),
    expect.stringContaining("no ordinary file"),
    expect.stringContaining("no ordinary file"),
  ]);
  expect(states()).toEqual([]);
});

test("paths of a project that is not trusted are plain paths inside of it", async () => {
  const ran = path.join(places.root, "ran");
  places.project({ options: { context_paths: [`$(touch ${ran})`, "`id`", "~/.ssh/id_rsa", "../../x", "OK.md"] } });
  const config = await places.load();
  expect(config.options.contextPaths.filter((each) => !each.includes("/") || each.includes("ran")).at(-1)).toBe("OK.md");
  expect(fs.existsSync(ran)).toBe(false);
  expect(config.notices).toHaveLength(4);
});

test("files of every directory from the root of the repository down, and of Crush's own directory, are asked about", () => {
  places.write(path.join(places.repository, "crush.json"), { env: { A: "1" } });
  places.project({ env: { B: "1" } }, ".crush.json");
  places.project("option debug", ".crushrc");
  places.project({ providers: {} }, ".crush/crush.json");
  expect(states()).toEqual(["crush.json new", "inner/.crush.json new", "inner/.crushrc new", "inner/.crush/crush.json new"]);
});

test("a file that nobody could read before saying yes is not read", async () => {
  places.project({ env: { A: "x".repeat(200_000) } });
  const config = await places.load();
  expect(config.notices).toEqual([expect.objectContaining({ message: "left out: is larger than 128 KiB" })]);
  expect(states()).toEqual([]);
});
