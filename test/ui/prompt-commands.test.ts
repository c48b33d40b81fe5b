import { expect, test } from "vitest";
import type { PromptCommand } from "../../src/protocol/index.ts";
import { droppedFile } from "../../src/ui/editor/dropped.ts";
import { Stage } from "./support.ts";

const commands: PromptCommand[] = [
  { id: "user:review", kind: "command", description: "Review a change", hint: "FILE", arguments: ["FILE", "DEPTH"] },
  { id: "project:git:fix", kind: "command", arguments: [] },
  { id: "deploy", kind: "skill", description: "Deploy it", arguments: [] },
];
const stage = (more: ConstructorParameters<typeof Stage>[0] = {}): Stage =>
  new Stage({
    session: "s1",
    ...more,
    replies: {
      "command.list": () => ({ commands, notices: [] }),
      "command.expand": ({ id }) => ({ text: `the prompt of ${id}` }),
      ...more.replies,
    },
  });
const prompts = (of: Stage): unknown[] => of.host.of("session.prompt").map((params) => (params as { text: string }).text);

test("a slash offers commands and skills of the user behind our own, and the palette has them", async () => {
  const at = stage({ rows: 40 });
  await at.settle();
  await at.type("/dep");
  expect(await at.settle()).toContain("/deploy");
  const palette = stage({ rows: 40 });
  await palette.settle();
  await palette.type("\x10");
  const screen = await palette.type("review");
  expect(screen).toContain("Review a change");
  expect(screen).toContain("/user:review");
});

test("/name with words behind it sends what the command makes of them", async () => {
  const at = stage();
  await at.settle();
  await at.type("/");
  await at.type("git:fix the flaky test\r");
  await at.settle();
  expect(at.host.of("command.expand")).toEqual([{ workspace: "/home/me/project", id: "project:git:fix", args: "the flaky test" }]);
  expect(prompts(at)).toEqual(["the prompt of project:git:fix"]);
  await at.type("/deploy\r");
  await at.settle();
  expect(prompts(at).at(-1)).toBe("the prompt of deploy");
});

test("a command that asks for arguments gets a form; what is typed there is sent by name, escape sends nothing", async () => {
  const at = stage();
  await at.settle();
  await at.type("/");
  await at.type("review\r");
  let screen = await at.settle();
  expect(screen).toContain("FILE");
  expect(screen).toContain("DEPTH");
  await at.type("src/a.ts\r");
  screen = await at.type("great");
  expect(screen).toContain("> src/a.ts");
  await at.type("\r");
  await at.settle();
  expect(at.host.of("command.expand")).toEqual([
    { workspace: "/home/me/project", id: "user:review", values: { FILE: "src/a.ts", DEPTH: "great" } },
  ]);
  expect(prompts(at)).toHaveLength(1);
  await at.type("/review\r");
  await at.type("\x1b");
  await at.host.pass(50);
  expect(at.paint()).not.toContain("DEPTH");
  expect(prompts(at)).toHaveLength(1);
});

test("a name that nobody has is a prompt like any other", async () => {
  const at = stage();
  await at.settle();
  await at.type("/");
  await at.type("etc/passwd is a file\r");
  await at.settle();
  expect(prompts(at)).toEqual(["/etc/passwd is a file"]);
});

test("a dropped picture is attached and stands in the text; other pastes stay what they are", async () => {
  const at = stage();
  await at.settle();
  await at.type("\x1b[200~'/home/me/My Shots/a b.png'\x1b[201~");
  const screen = await at.type("what is this?\r");
  expect(screen).not.toContain("error");
  await at.settle();
  expect(at.host.of("session.prompt")).toEqual([
    { session: "s1", text: "@/home/me/My Shots/a b.png what is this?", files: [{ path: "/home/me/My Shots/a b.png" }] },
  ]);
});

test("a directory that was completed is attached when it stands there by itself, not when the name goes on", async () => {
  const at = stage({ replies: { "file.complete": ({ query }) => ({ paths: query.startsWith("src/") ? ["src/a.ts"] : ["src/"] }) } });
  await at.settle();
  await at.type("@sr");
  await at.host.pass(100);
  await at.type("\t");
  await at.host.pass(100);
  await at.type("\t");
  await at.type("?\r");
  await at.settle();
  expect(at.host.of("session.prompt")).toMatchObject([{ text: "@src/a.ts ?", files: [{ path: "src/a.ts" }] }]);
  await at.type("@sr");
  await at.host.pass(100);
  await at.type("\t");
  await at.type("\x1b");
  await at.host.pass(50);
  await at.type(" what is here?\r");
  await at.settle();
  expect(at.host.of("session.prompt")[1]).toMatchObject({ files: [{ path: "src/" }] });
});

test.each([
  ["/a/b.png", "/a/b.png"],
  ["/a/b\\ c.PNG ", "/a/b c.PNG"],
  ['"/a/b c.webp"', "/a/b c.webp"],
  ["file:///a/b%20c.jpg", "/a/b c.jpg"],
  ["C:\\shots\\a.png", "C:\\shots\\a.png"],
  ["file://elsewhere/a.png", undefined],
  ["a.png", undefined],
  ["/a/b.png /c/d.png", undefined],
  ["/a/b.ts", undefined],
  ["/a/b.png\n/c/d.png", undefined],
])("of a paste of %j the file is %j", (pasted, file) => {
  expect(droppedFile(pasted)).toBe(file);
});
