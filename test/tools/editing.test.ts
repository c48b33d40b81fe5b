import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { type Bench, bench, temporary } from "./support.ts";

const seen = async (files: Record<string, string | Uint8Array>): Promise<Bench> => {
  const at = await bench(files);
  for (const name of Object.keys(files)) await at.call("view", { file_path: name });
  return at;
};

test("edit replaces the one place and answers with counts, path and difference", async () => {
  const at = await seen({ "main.go": 'func main() {\n\tfmt.Println("Hello, World!")\n}\n' });
  const call = {
    file_path: path.join(at.root, "main.go"),
    old_string: '\tfmt.Println("Hello, World!")',
    new_string: '\tfmt.Println("Hello from Crush!")',
  };
  const intent = await at.intent("edit", call);
  expect(intent).toMatchObject({ action: "write", path: path.join(at.root, "main.go"), outside: false, title: "Edit main.go" });
  expect(intent.diff).toBe(
    '--- a/main.go\n+++ b/main.go\n@@ -1,3 +1,3 @@\n func main() {\n-\tfmt.Println("Hello, World!")\n+\tfmt.Println("Hello from Crush!")\n }\n',
  );
  expect(at.text("main.go")).toContain("World"); // asking changes nothing
  const result = await at.call("edit", call);
  expect(result.text).toBe(`<result>\nContent replaced in file: ${at.root}/main.go\n</result>\n`);
  expect(result.meta).toMatchObject({ additions: 1, removals: 1, diff: intent.diff });
  expect(at.text("main.go")).toBe('func main() {\n\tfmt.Println("Hello from Crush!")\n}\n');
  expect(Buffer.from(at.versions[0]!.content!).toString()).toContain("World");
});

test("a replacement is taken literally, whatever dollar signs it holds", async () => {
  const at = await seen({ a: "x = OLD;\n" });
  await at.call("edit", { file_path: "a", old_string: "OLD", new_string: "$& $1 $$ $`" });
  expect(at.text("a")).toBe("x = $& $1 $$ $`;\n");
});

test("a file that was not read, or has changed since, is not edited", async () => {
  const at = await bench({ a: "one\n" });
  const call = { file_path: "a", old_string: "one", new_string: "two" };
  expect(await at.call("edit", call)).toMatchObject({ isError: true, text: expect.stringContaining("have not read it") });
  await at.call("view", { file_path: "a" });
  fs.writeFileSync(path.join(at.root, "a"), "one and more\n");
  fs.utimesSync(path.join(at.root, "a"), 1_000_000, 1_000_000); // even when the clock goes backwards
  expect(await at.call("edit", call)).toMatchObject({ isError: true, text: expect.stringContaining("has changed since") });
  await at.call("view", { file_path: "a" });
  expect((await at.call("edit", call)).isError).toBeUndefined();
  // Its own edit counts as read.
  expect((await at.call("edit", { ...call, old_string: "two", new_string: "three" })).isError).toBeUndefined();
  expect(at.text("a")).toBe("three and more\n");
});

test("a file that changes between the question and the run is left alone", async () => {
  const at = await seen({ a: "one\n" });
  const { tools } = await import("../../src/tools/index.ts");
  const edit = tools.find((tool) => tool.name === "edit")!;
  const input = { file_path: "a", old_string: "one", new_string: "two" };
  expect((await edit.intent(input, at.context)).refuse).toBeUndefined();
  fs.writeFileSync(path.join(at.root, "a"), "someone else's one\n");
  fs.utimesSync(path.join(at.root, "a"), 2_000_000, 2_000_000);
  expect(await edit.run(input, at.context)).toMatchObject({ isError: true });
  expect(at.text("a")).toBe("someone else's one\n");
});

test("a link that is turned elsewhere between the question and the run is not followed", async () => {
  const at = await seen({ a: "one\n" });
  const elsewhere = path.join(temporary(), "victim");
  fs.writeFileSync(elsewhere, "one\n");
  fs.symlinkSync("a", path.join(at.root, "link"));
  const { tools } = await import("../../src/tools/index.ts");
  const write = tools.find((tool) => tool.name === "write")!;
  const input = { file_path: "link", content: "two\n" };
  expect(await write.intent(input, at.context)).toMatchObject({ path: path.join(at.root, "a"), title: "Overwrite link -> a" });
  fs.rmSync(path.join(at.root, "link"));
  fs.symlinkSync(elsewhere, path.join(at.root, "link"));
  expect(await write.run(input, at.context)).toMatchObject({ isError: true, text: expect.stringContaining("leads to") });
  expect(fs.readFileSync(elsewhere, "utf8")).toBe("one\n");
});

test("several places ask for context, replace_all takes them all", async () => {
  const at = await seen({ a: "x\ny\nx\n" });
  expect(await at.call("edit", { file_path: "a", old_string: "x", new_string: "z" })).toMatchObject({
    isError: true,
    text: expect.stringContaining("found 2 times (lines 1, 3)"),
  });
  expect((await at.call("edit", { file_path: "a", old_string: "x", new_string: "z", replace_all: true })).text).toContain("(2 places)");
  expect(at.text("a")).toBe("z\ny\nz\n");
});

test("text that is not there is answered with the nearest lines, white space visible", async () => {
  const at = await seen({ a: "function alpha() {\n\treturn compute(1, 2);\n}\n" });
  const { text, isError } = await at.call("edit", { file_path: "a", old_string: "  return compute(1, 3);", new_string: "x" });
  expect(isError).toBe(true);
  expect(text).toContain("2|→return compute(1, 2);");
});

test("lines that differ in white space only are replaced, indented like the file, and the answer says so", async () => {
  const at = await seen({ a: "class A {\n\tfoo() {\n\t\tif (x) {\n\t\t\ty();\n\t\t}\n\t}\n}\n" });
  const result = await at.call("edit", {
    file_path: "a",
    old_string: "    if (x) {\n      y();\n    }",
    new_string: "    if (x) {\n      y();\n      if (z) {\n        w();\n      }\n    }",
  });
  expect(result.text).toContain("white space");
  expect(at.text("a")).toBe("class A {\n\tfoo() {\n\t\tif (x) {\n\t\t\ty();\n\t\t\tif (z) {\n\t\t\t\tw();\n\t\t\t}\n\t\t}\n\t}\n}\n");
});

test("CRLF files are matched as LF; untouched lines keep their ending, new ones get the file's", async () => {
  const at = await seen({ crlf: "a\r\nb\r\nc\r\n", mixed: "a\r\nb\r\nc\nd\r\n" });
  await at.call("edit", { file_path: "crlf", old_string: "a\nb", new_string: "A\nB\nB2" });
  expect(at.text("crlf")).toBe("A\r\nB\r\nB2\r\nc\r\n");
  await at.call("edit", { file_path: "mixed", old_string: "b\n", new_string: "B\n" });
  expect(at.text("mixed")).toBe("a\r\nB\r\nc\nd\r\n");
});

test("a byte order mark and the mode survive an edit", async () => {
  const at = await seen({ "run.sh": "\uFEFFecho one\n" });
  fs.chmodSync(path.join(at.root, "run.sh"), 0o755);
  await at.call("edit", { file_path: "run.sh", old_string: "one", new_string: "two" });
  expect(at.text("run.sh")).toBe("\uFEFFecho two\n");
  expect(fs.statSync(path.join(at.root, "run.sh")).mode & 0o777).toBe(0o755);
});

test("an empty old_string creates a file with its directories, and only that", async () => {
  const at = await bench({ there: "x" });
  const call = { file_path: "new/dir/f.txt", old_string: "", new_string: "hello\n" };
  expect((await at.intent("edit", call)).diff).toBe("--- /dev/null\n+++ b/new/dir/f.txt\n@@ -0,0 +1 @@\n+hello\n");
  expect((await at.call("edit", call)).text).toContain("File created");
  expect(at.text("new/dir/f.txt")).toBe("hello\n");
  expect(at.versions).toEqual([
    { path: path.join(at.root, "new/dir/f.txt"), made: path.join(at.root, "new"), after: expect.stringMatching(/^[0-9a-f]{64}$/) },
  ]);
  expect((await at.call("edit", { ...call, file_path: "there" })).isError).toBe(true);
  expect((await at.call("edit", { file_path: "nowhere", old_string: "a", new_string: "b" })).text).toContain("does not exist");
  expect((await at.call("edit", { file_path: ".", old_string: "a", new_string: "b" })).text).toContain("is a directory");
});

test("multiedit tells the model which edits failed and why, and applies the others in order", async () => {
  const at = await seen({ a: "one\ntwo\nthree\nthree\n" });
  const result = await at.call("multiedit", {
    file_path: "a",
    edits: [
      { old_string: "one", new_string: "ONE" },
      { old_string: "absent words here", new_string: "x" },
      { old_string: "ONE\ntwo", new_string: "1\n2" },
      { old_string: "three", new_string: "3" },
      { old_string: "", new_string: "3" },
    ],
  });
  expect(at.text("a")).toBe("1\n2\nthree\nthree\n");
  expect(result.isError).toBeUndefined();
  expect(result.text).toContain("Applied 2 of 5 edits");
  expect(result.text).toMatch(/Edit 2 of 5 \("absent words here"\) failed: old_string is not found/);
  expect(result.text).toMatch(/Edit 4 of 5 .* failed: old_string is found 2 times/);
  expect(result.text).toMatch(/Edit 5 of 5 .* failed: old_string is empty/);
  expect(result.meta).toMatchObject({ edits_applied: 2, edits_failed: [{ index: 2 }, { index: 4 }, { index: 5 }] });
});

test("multiedit of which nothing applies is an error and is not asked about", async () => {
  const at = await seen({ a: "one\n" });
  const call = {
    file_path: "a",
    edits: [
      { old_string: "q", new_string: "x" },
      { old_string: "r", new_string: "x" },
    ],
  };
  expect((await at.intent("multiedit", call)).refuse).toContain("None of the 2 edits");
  expect((await at.call("multiedit", call)).isError).toBe(true);
  expect(at.text("a")).toBe("one\n");
});

test("multiedit whose first edit has no old_string creates the file and goes on with it", async () => {
  const at = await bench();
  await at.call("multiedit", {
    file_path: "n",
    edits: [
      { old_string: "", new_string: "a b\n" },
      { old_string: "b", new_string: "c" },
    ],
  });
  expect(at.text("n")).toBe("a c\n");
});

test("write replaces a file that was read, refuses one that was not, and says when nothing would change", async () => {
  const at = await bench({ a: "old\n" });
  expect(await at.call("write", { file_path: "a", content: "new\n" })).toMatchObject({
    isError: true,
    text: expect.stringContaining("have not read it"),
  });
  await at.call("view", { file_path: "a" });
  expect(await at.call("write", { file_path: "a", content: "old\n" })).toMatchObject({
    isError: true,
    text: expect.stringContaining("exactly this content"),
  });
  expect((await at.call("write", { file_path: "a", content: "new\r\n" })).meta).toMatchObject({ additions: 1, removals: 1 });
  expect(at.text("a")).toBe("new\r\n");
  expect((await at.call("write", { file_path: "deep/er/b", content: "" })).isError).toBeUndefined();
  expect(at.text("deep/er/b")).toBe("");
});

test("writing outside of the workspace, through a link too, is asked as such", async () => {
  const at = await bench();
  const elsewhere = temporary();
  fs.symlinkSync(path.join(elsewhere, "not-yet"), path.join(at.root, "dangling"));
  expect(await at.intent("write", { file_path: "dangling", content: "x" })).toMatchObject({
    action: "write",
    path: path.join(elsewhere, "not-yet"),
    outside: true,
  });
  expect(await at.intent("write", { file_path: "../../x", content: "x" })).toMatchObject({ outside: true });
});

test("a file that cannot be written is an error that says why, not a crash", async () => {
  const at = await bench({ file: "x" });
  expect(await at.call("write", { file_path: "file/below", content: "x" })).toMatchObject({
    isError: true,
    text: expect.stringMatching(/no directory|EEXIST|ENOTDIR/),
  });
  expect((await at.call("write", { file_path: `${"n".repeat(300)}`, content: "x" })).isError).toBe(true);
});
