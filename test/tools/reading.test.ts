import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { bench, temporary } from "./support.ts";

test("view numbers the lines and says where to go on", async () => {
  const at = await bench({ "a.txt": Array.from({ length: 450 }, (_, i) => `line ${i + 1}\n`).join("") });
  const first = await at.call("view", { file_path: "a.txt" });
  expect(first.text).toMatch(/^<file>\n {5}1\|line 1\n {5}2\|line 2\n/);
  expect(first.text).toContain("   200|line 200\n");
  expect(first.text).not.toContain("line 201");
  expect(first.text).toContain("offset 200");
  const last = await at.call("view", { file_path: "a.txt", offset: 400, limit: 100 });
  expect(last.text).toContain("   401|line 401\n");
  expect(last.text).toContain("   450|line 450\n</file>");
  expect((await at.call("view", { file_path: "a.txt", offset: 450 })).isError).toBe(true);
});

test("view takes the absolute path that a model gives, a CRLF file and a byte order mark", async () => {
  const at = await bench({ "a.txt": "\uFEFFone\r\ntwo\r\n" });
  expect((await at.call("view", { file_path: path.join(at.root, "a.txt") })).text).toBe("<file>\n     1|one\n     2|two\n</file>\n");
});

test("a line of 50 MB costs its first 2000 bytes, cut at a character", async () => {
  const at = await bench({ "long.txt": Buffer.concat([Buffer.from("x"), Buffer.from("ä".repeat(25 << 20)), Buffer.from("\nend\n")]) });
  const before = process.memoryUsage().arrayBuffers;
  const { text } = await at.call("view", { file_path: "long.txt" });
  expect(text).toBe(`<file>\n     1|x${"ä".repeat(999)}...\n     2|end\n</file>\n`);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5 << 20);
});

test("one answer holds at most 200 KB, and names the next offset", async () => {
  const at = await bench({ "big.txt": `${"y".repeat(1_000)}\n`.repeat(1_000) });
  const { text } = await at.call("view", { file_path: "big.txt", limit: 1_000 });
  expect(text.length).toBeLessThan(215_000);
  const next = Number(/offset (\d+)/.exec(text)![1]);
  expect(next).toBeGreaterThan(190);
  expect((await at.call("view", { file_path: "big.txt", offset: next })).text).toContain(`${next + 1}|yyy`);
});

test("binary files and images are refused, each with a reason", async () => {
  const at = await bench({
    "a.bin": Buffer.from([1, 0, 2]),
    "latin.txt": Buffer.from([0x61, 0xe4, 0x62, 10]),
    "p.png": Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0]),
  });
  expect(await at.call("view", { file_path: "a.bin" })).toMatchObject({ isError: true, text: expect.stringContaining("not UTF-8 text") });
  expect(await at.call("view", { file_path: "latin.txt" })).toMatchObject({
    isError: true,
    text: expect.stringContaining("not UTF-8 text"),
  });
  expect(await at.call("view", { file_path: "p.png" })).toMatchObject({ isError: true, text: expect.stringContaining("image") });
});

test("a named pipe is refused and does not hang", async () => {
  const at = await bench();
  const { execFileSync } = await import("node:child_process");
  execFileSync("mkfifo", [path.join(at.root, "pipe")]);
  expect((await at.call("view", { file_path: "pipe" })).isError).toBe(true);
});

test("a missing file names similar ones; a directory names ls", async () => {
  const at = await bench({ "src/handler.ts": "", "src/handlers_test.ts": "" });
  const missing = await at.call("view", { file_path: "src/handler.js" });
  expect(missing).toMatchObject({ isError: true, text: expect.stringContaining("handler.ts") });
  expect((await at.call("view", { file_path: "src" })).text).toContain("Use ls");
  expect((await at.call("view", { file_path: "no/such/dir.ts" })).text).toContain("neither does its directory");
});

test("view and ls ask outside of the workspace only, and a link out of it is outside", async () => {
  const at = await bench({ "in.txt": "x" });
  const elsewhere = temporary();
  fs.writeFileSync(path.join(elsewhere, "secret"), "s");
  fs.symlinkSync(elsewhere, path.join(at.root, "link"));
  fs.symlinkSync("in.txt", path.join(at.root, "inner"));
  expect((await at.intent("view", { file_path: "in.txt" })).action).toBe("none");
  expect((await at.intent("view", { file_path: "inner" })).action).toBe("none");
  expect(await at.intent("view", { file_path: "link/secret" })).toMatchObject({
    action: "read",
    path: path.join(elsewhere, "secret"),
    outside: true,
  });
  expect((await at.intent("view", { file_path: "../x" })).action).toBe("read");
  expect(await at.intent("ls", { path: "link" })).toMatchObject({ action: "list", path: elsewhere });
  expect(await at.intent("glob", { pattern: "*", path: "link" })).toMatchObject({ action: "list" });
  expect(await at.intent("glob", { pattern: `${elsewhere}/*` })).toMatchObject({ action: "list", path: elsewhere });
  expect(await at.intent("grep", { pattern: "x", path: "link" })).toMatchObject({ action: "read" });
  // A sibling whose name begins like the workspace's is outside too.
  expect((await at.intent("view", { file_path: `${at.root}-other/x` })).action).toBe("read");
});

test("ls shows a tree without what is ignored, upper levels first when it must be cut", async () => {
  const at = await bench({
    "go.mod": "",
    "main.go": "",
    "pkg/a/deep.go": "",
    "node_modules/x/i.js": "",
    ".gitignore": "gen/\n*.tmp\n!keep.tmp\n",
    "gen/out.go": "",
    "x.tmp": "",
    "keep.tmp": "",
    "pkg/.gitignore": "local\n",
    "pkg/local": "",
  });
  const { text } = await at.call("ls", {});
  expect(text).toBe(
    `- ${at.root}/\n  - .gitignore\n  - go.mod\n  - keep.tmp\n  - main.go\n  - pkg/\n    - .gitignore\n    - a/\n      - deep.go\n`,
  );
  expect((await at.call("ls", { depth: 1 })).text).not.toContain("deep.go");
  expect((await at.call("ls", { ignore: ["*.go", "pkg/a"] })).text).not.toMatch(/main\.go|- a\//);
  at.context.limits.lsMaxItems = 3;
  expect((await at.call("ls", {})).text).toContain("first 3 entries");
});

test("names cannot forge lines: control characters in them are written out", async () => {
  const at = await bench({ "a\n- etc\u001b[31m/x.txt": "findme\n" });
  for (const [tool, input] of [
    ["ls", {}],
    ["glob", { pattern: "*.txt" }],
    ["grep", { pattern: "findme" }],
  ] as const) {
    const { text } = await at.call(tool, input);
    expect(text, tool).toContain("a\\n- etc\\u{1b}[31m");
    expect(text, tool).not.toContain("\u001b");
  }
});

const engines = [
  ["with ripgrep", true],
  ["without ripgrep", false],
] as const;

for (const [how, ripgrep] of engines) {
  test(`glob ${how} finds files at any depth, the newest first, and skips what is ignored`, async () => {
    const at = await bench({
      "main.go": "",
      "pkg/util.go": "",
      "vendor/v.go": "",
      ".hidden/h.go": "",
      "x.txt": "",
      ".crushignore": "sec*\n",
      "secret.go": "",
      "pkg/.crushignore": "no.go",
      "pkg/no.go": "",
    });
    if (!ripgrep) at.context.ripgrep = "";
    fs.utimesSync(path.join(at.root, "main.go"), 1_000, 1_000);
    expect((await at.call("glob", { pattern: "*.go" })).text).toBe(`${at.root}/pkg/util.go\n${at.root}/main.go`);
    expect((await at.call("glob", { pattern: "**/*.go" })).text).toBe(`${at.root}/pkg/util.go\n${at.root}/main.go`);
    expect((await at.call("glob", { pattern: "**/*.{go,txt}", path: "pkg" })).text).toBe(`${at.root}/pkg/util.go`);
    expect((await at.call("glob", { pattern: `${at.root}/pkg/*.go` })).text).toBe(`${at.root}/pkg/util.go`);
    expect((await at.call("glob", { pattern: ".hidden/*.go" })).text).toBe(`${at.root}/.hidden/h.go`);
    expect((await at.call("glob", { pattern: "*.none" })).text).toBe("No files found");
  });

  test(`grep ${how} groups matching lines by file`, async () => {
    const at = await bench({
      "a.ts": "one\nconst täx = foo(1);\n",
      "b.js": "foo(2)\nfoo(3)\n",
      "node_modules/m.js": "foo(9)",
      "c.bin": Buffer.from("foo(\0"),
    });
    if (!ripgrep) at.context.ripgrep = "/no/such/ripgrep";
    const { text } = await at.call("grep", { pattern: "foo\\([0-9]\\)" });
    expect(text).toContain("Found 3 matches");
    expect(text).toMatch(new RegExp(`${at.root}/b\\.js:\\n {2}Line 1(, Char 1)?: foo\\(2\\)\\n {2}Line 2(, Char 1)?: foo\\(3\\)`));
    if (ripgrep) expect(text).toContain("Line 2, Char 13: const täx = foo(1);");
    expect((await at.call("grep", { pattern: "foo(1)", literal_text: true, include: "*.ts" })).text).toContain("Found 1 match\n");
    expect((await at.call("grep", { pattern: "foo", path: "a.ts" })).text).toContain(`${at.root}/a.ts:`);
    expect((await at.call("grep", { pattern: "nowhere" })).text).toBe("No matches found");
    expect(await at.call("grep", { pattern: "(" })).toMatchObject({ isError: true });
    expect((await at.call("grep", { pattern: "-e", path: "." })).isError).toBeUndefined();
  });
}

test("grep and glob show 100 and say that there is more; a match on a 20 MB line is cut", async () => {
  const at = await bench({ "many.txt": "hit\n".repeat(5_000), "long.txt": `${"a".repeat(10 << 20)}hit${"b".repeat(10 << 20)}` });
  const { text } = await at.call("grep", { pattern: "hit" });
  expect(text.match(/Line /g)).toHaveLength(100);
  expect(text).toContain("Only the first 100");
  expect(text.length).toBeLessThan(20_000);
  for (let i = 0; i < 120; i++) at.put(`f/${i}.dat`, "");
  const files = (await at.call("glob", { pattern: "*.dat" })).text;
  expect(files.match(/\.dat/g)).toHaveLength(100);
  expect(files).toContain("Only the 100 newest");
});

test("a search in an ignored directory that is named finds what is there", async () => {
  const at = await bench({ "dist/x.js": "needle", ".gitignore": "dist\n" });
  expect((await at.call("grep", { pattern: "needle" })).text).toBe("No matches found");
  expect((await at.call("grep", { pattern: "needle", path: "dist" })).text).toContain("needle");
  expect((await at.call("glob", { pattern: "*.js", path: "dist" })).text).toContain("x.js");
});
