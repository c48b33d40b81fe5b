import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { createIgnore, isInside, openFiles } from "../../src/workspace/index.ts";

const base = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "crush-files-")));
afterAll(() => fs.rmSync(base, { recursive: true, force: true }));
let count = 0;
const workspace = () => {
  const root = path.join(base, `w${count++}`);
  fs.mkdirSync(root);
  return root;
};
const range = { lineBytesMax: 2_000, bytesMax: 1 << 20, signal: new AbortController().signal };

test("lines read in pieces are the lines of the file, for any content", async () => {
  const root = workspace();
  const files = await openFiles({ workspace: root });
  const file = path.join(root, "f");
  const line = fc.string({ unit: fc.constantFrom("a", "ä", "😀", "\t", " "), maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 30 }), fc.boolean(), fc.integer({ min: 1, max: 7 }), async (lines, closed, step) => {
      fs.writeFileSync(file, lines.join("\n") + (closed ? "\n" : ""));
      const expected = closed ? lines : lines.length > 0 && lines.at(-1) === "" ? lines.slice(0, -1) : lines;
      const got: string[] = [];
      for (let from = 1, more = true; more; from += step) {
        const read = await files.readLines(file, { ...range, from, count: step });
        got.push(...read.lines);
        more = read.more;
        if (!more) expect(read.total).toBe(got.length);
      }
      expect(got).toEqual(closed && lines.length === 0 ? [""] : expected);
    }),
    { numRuns: 60 },
  );
});

test("links are resolved before a path is judged, also those that lead nowhere or in circles", async () => {
  const root = workspace();
  const outside = workspace();
  fs.symlinkSync(outside, path.join(root, "out"));
  fs.symlinkSync(path.join(outside, "later", "x"), path.join(root, "dangling"));
  fs.symlinkSync("loop", path.join(root, "loop"));
  fs.symlinkSync(root, path.join(outside, "back"));
  const files = await openFiles({ workspace: root });
  expect(await files.resolve("a/new/file")).toEqual({ path: `${root}/a/new/file`, real: `${root}/a/new/file`, inside: true });
  expect(await files.resolve("out/x")).toMatchObject({ real: `${outside}/x`, inside: false });
  expect(await files.resolve("out/back/y")).toMatchObject({ real: `${root}/y`, inside: true });
  expect(await files.resolve("dangling")).toMatchObject({ real: `${outside}/later/x`, inside: false });
  expect(await files.resolve("out/../x")).toMatchObject({ inside: true });
  await expect(files.resolve("loop")).rejects.toMatchObject({ code: "ELOOP" });
  expect(await files.resolve("~")).toMatchObject({ path: os.homedir() });
});

test("a workspace that is itself reached through a link counts by what it is", async () => {
  const root = workspace();
  const link = path.join(base, `link${count++}`);
  fs.symlinkSync(root, link);
  const files = await openFiles({ workspace: link });
  expect(await files.resolve(path.join(link, "x"))).toMatchObject({ real: path.join(root, "x"), inside: true });
});

test("inside is judged by components", () => {
  expect(isInside("/a/b", "/a/b")).toBe(true);
  expect(isInside("/a/b", "/a/b/..c")).toBe(true);
  expect(isInside("/a/b", "/a/bc")).toBe(false);
  expect(isInside("/a/b", "/a")).toBe(false);
  expect(isInside("/", "/x")).toBe(true);
});

test("writing keeps mode, links and hard links, makes parents, leaves no temporary file", async () => {
  const root = workspace();
  const files = await openFiles({ workspace: root });
  const target = path.join(root, "target");
  fs.writeFileSync(target, "old", { mode: 0o640 });
  fs.symlinkSync("target", path.join(root, "link"));
  await files.write(path.join(root, "link"), "new");
  expect(fs.readFileSync(target, "utf8")).toBe("new");
  expect(fs.lstatSync(path.join(root, "link")).isSymbolicLink()).toBe(true);
  expect(fs.statSync(target).mode & 0o777).toBe(0o640);
  fs.linkSync(target, path.join(root, "hard"));
  await files.write(target, "both");
  expect(fs.readFileSync(path.join(root, "hard"), "utf8")).toBe("both");
  await files.write(path.join(root, "x/y/z"), Buffer.from([1, 2]));
  expect(fs.readdirSync(root).sort()).toEqual(["hard", "link", "target", "x"]);
});

test("the version before a write is saved first; when that fails nothing is written", async () => {
  const root = workspace();
  const saved: { path: string; content?: Uint8Array; mode?: number }[] = [];
  let fail = false;
  const files = await openFiles({
    workspace: root,
    saveVersion: (version) =>
      fail ? Promise.reject(Object.assign(new Error("disk full"), { code: "full" })) : Promise.resolve(void saved.push(version)),
  });
  const file = path.join(root, "f");
  await files.write(file, "one");
  await files.write(file, "two");
  expect(saved.map((version) => [version.path, version.content && Buffer.from(version.content).toString()])).toEqual([
    [file, undefined],
    [file, "one"],
  ]);
  fail = true;
  await expect(files.write(file, "three")).rejects.toThrow("disk full");
  expect(fs.readFileSync(file, "utf8")).toBe("two");
});

test("a reading is remembered as the file was, comes back after a restart, and is nobody else's", async () => {
  const root = workspace();
  const file = path.join(root, "f");
  fs.writeFileSync(file, "x");
  const stored = new Map<string, number>();
  const files = await openFiles({ workspace: root, recordRead: (name, time) => stored.set(name, time) });
  expect(files.lastRead(file)).toBe(0);
  await files.read(file);
  fs.utimesSync(file, 5_000, 5_000); // changed between reading and recording
  files.recordRead(file);
  expect(files.lastRead(file)).not.toBe(5_000_000);
  const later = await openFiles({ workspace: root, readTime: (name) => stored.get(name) });
  expect(later.lastRead(file)).toBe(files.lastRead(file));
  expect(Number.isInteger(stored.get(file))).toBe(true);
  expect((await openFiles({ workspace: root })).lastRead(file)).toBe(0);
});

test("errors carry Node's code and a sentence", async () => {
  const root = workspace();
  const files = await openFiles({ workspace: root });
  await expect(files.read(path.join(root, "no"))).rejects.toMatchObject({
    code: "ENOENT",
    message: expect.stringContaining("does not exist"),
  });
  await expect(files.read(root)).rejects.toMatchObject({ code: "EISDIR" });
  await expect(files.list(path.join(root, "no"))).rejects.toMatchObject({ code: "ENOENT" });
  expect(await files.stat(path.join(root, "no"))).toBeUndefined();
});

test("ignore rules are those of git: deeper files win, an ignored directory takes its content with it", async () => {
  const root = workspace();
  fs.mkdirSync(path.join(root, "a/b"), { recursive: true });
  fs.writeFileSync(path.join(root, ".gitignore"), "*.log\n/only-root\nclosed/\nkept/*\n!kept/yes\n");
  fs.writeFileSync(path.join(root, "a/.gitignore"), "!important.log\nlocal.txt\n");
  fs.writeFileSync(path.join(root, "a/.crushignore"), "private\n");
  const rules = createIgnore(root);
  const ignored = (name: string, directory = false) => rules.ignored(path.join(root, name), directory);
  expect(await ignored("x.log")).toBe(true);
  expect(await ignored("a/x.log")).toBe(true);
  expect(await ignored("a/important.log")).toBe(false);
  expect(await ignored("a/b/local.txt")).toBe(true);
  expect(await ignored("b/local.txt")).toBe(false);
  expect(await ignored("a/private", true)).toBe(true);
  expect(await ignored("a/private/deep/file")).toBe(true);
  expect(await ignored("only-root")).toBe(true);
  expect(await ignored("a/only-root")).toBe(false);
  expect(await ignored("closed", true)).toBe(true);
  expect(await ignored("kept/yes")).toBe(false);
  expect(await ignored("kept/no")).toBe(true);
  expect(await ignored("node_modules", true)).toBe(true);
  expect(await ignored(".git/config")).toBe(true);
  expect(await ignored("bin", true)).toBe(false); // the project says what it generates
  expect(await ignored("", true)).toBe(false);
});

test("without a .gitignore the usual output directories are left out", async () => {
  const root = workspace();
  const rules = createIgnore(root, { globalRules: "*.mine\n" });
  for (const name of ["dist", "target", "bin"]) expect(await rules.ignored(path.join(root, name), true), name).toBe(true);
  expect(await rules.ignored(path.join(root, "x.mine"), false)).toBe(true);
  expect(await rules.ignored(path.join(root, "src"), true)).toBe(false);
});
