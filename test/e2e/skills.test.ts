// Skills and custom commands in the installed product.
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openProduct, type Product } from "../support/product.ts";

let product: Product;
beforeEach(async () => {
  product = await openProduct();
});
afterEach(() => product[Symbol.asyncDispose]());

const put = (file: string, text: string): void => {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
};
const config = (name: string): string => path.join(product.root, "config", "crush", name);
const project = (name: string): string => path.join(product.workspace, name);
const skill = (name: string, description: string, more = "", body = "Do it well."): string =>
  `---\nname: ${name}\ndescription: ${description}\n${more}---\n${body}\n`;
const system = (): string => {
  const { messages } = product.simulator.seen.findLast(({ body }) => Array.isArray(body.tools))!.body;
  return messages.flatMap(({ role, content }) => (role === "system" ? [String(content)] : [])).join("\n");
};
async function trustAll(): Promise<string[]> {
  const client = product.connect();
  const { files } = await client.request("trust.status", { workspace: product.workspace });
  await client.request("trust.grant", { workspace: product.workspace, files: files.map(({ file, hash }) => ({ file, hash })) });
  return files.flatMap(({ keys }) => keys);
}

test("the model is told of skills by name, in one order, and reads one without a question though it is outside of the workspace", async () => {
  put(config("skills/zoo/SKILL.md"), skill("zoo", "Keep animals"));
  put(path.join(product.root, "home/.agents/skills/apes/SKILL.md"), skill("apes", "Feed <apes>", "", "Bananas, ripe ones."));
  put(config("skills/hidden/SKILL.md"), skill("hidden", "Not for the model", "disable-model-invocation: true\n"));
  put(config("skills/wrong/SKILL.md"), skill("other-name", "Not in its directory"));
  const file = path.join(product.root, "home/.agents/skills/apes/SKILL.md");
  product.simulator.play({ tools: [{ name: "view", arguments: JSON.stringify({ file_path: file }) }] }, { text: "read" });
  expect(await product.run(["run", "feed them"])).toMatchObject({ code: 0, stdout: "read\n" });
  expect(system()).toMatch(
    /<available_skills>[\s\S]*<name>apes<\/name>\n<description>Feed &lt;apes&gt;<\/description>[\s\S]*<name>zoo<\/name>/,
  );
  expect(system()).not.toMatch(/hidden|other-name|Bananas/);
  expect(product.simulator.seen.at(-1)!.raw).toContain("Bananas, ripe ones.");
  // Its directory is what may be read, not what is beside it.
  put(path.join(product.root, "home/.agents/secret"), "x");
  product.simulator.play(
    { tools: [{ name: "view", arguments: JSON.stringify({ file_path: path.join(product.root, "home/.agents/secret") }) }] },
    { text: "?" },
  );
  expect((await product.run(["run", "and this"])).code).toBe(3);
});

test("a project's skills and commands count once their contents are trusted, and no more when they change", async () => {
  put(project(".claude/skills/deploy/SKILL.md"), skill("deploy", "Deploy it"));
  put(project(".crush/commands/git/fix.md"), "Fix $ISSUE");
  await product.run(["run", "one"]);
  expect(system()).not.toContain("deploy");
  const client = product.connect();
  const { workspace } = product;
  expect((await client.request("command.list", { workspace })).commands).toEqual([]);
  expect((await client.request("command.list", { workspace })).notices).toEqual([expect.stringContaining("2 commands and skills")]);
  expect(await trustAll()).toEqual(["command", "skill"]);
  await product.run(["run", "two"]);
  expect(system()).toContain("<description>Deploy it</description>");
  expect((await client.request("command.list", { workspace })).commands).toEqual([
    { id: "project:git:fix", kind: "command", arguments: ["ISSUE"] },
    { id: "deploy", kind: "skill", description: "Deploy it", arguments: [] },
  ]);
  put(project(".claude/skills/deploy/SKILL.md"), skill("deploy", "Send it to the moon"));
  put(project(".crush/commands/git/fix.md"), "Break $ISSUE");
  await product.run(["run", "three"]);
  expect(system()).not.toContain("moon");
  await expect(client.request("command.expand", { workspace, id: "project:git:fix" })).rejects.toMatchObject({ code: "not_found" });
});

test("a skill of the user's own stands over the project's, CRUSH_SKILLS_DIR replaces the user's directories, disabled ones are gone", async () => {
  put(project(".agents/skills/both/SKILL.md"), skill("both", "of the project"));
  put(config("skills/both/SKILL.md"), skill("both", "of the user"));
  await product.serve();
  await trustAll();
  await product.run(["run", "one"]);
  expect(system()).toContain("of the user");
  expect(system()).not.toContain("of the project");
  const client = product.connect();
  const { workspace } = product;
  const listed = async () => (await client.request("command.list", { workspace })).commands.map(({ id }) => id);
  expect(await listed()).toEqual(["both"]);
  put(path.join(product.root, "elsewhere/mine/SKILL.md"), skill("mine", "Mine"));
  await client.request("session.create", { workspace, env: { ...product.env, CRUSH_SKILLS_DIR: path.join(product.root, "elsewhere") } });
  expect(await listed()).toEqual(["both", "mine"]);
  put(project("crush.json"), JSON.stringify({ options: { disabled_skills: ["both"] } }));
  expect(await listed()).toEqual(["mine"]);
});

test("a command becomes its prompt with names and words filled in once, a skill the instructions with what was asked", async () => {
  put(
    config("commands/review.md"),
    "---\ndescription: Review a change\nargument-hint: FILE DEPTH\n---\nReview $FILE with $DEPTH care. $FILE!",
  );
  put(path.join(product.root, "home/.crush/commands/say.md"), "Say: $ARGUMENTS ($1, $2)");
  put(config("commands/plain.md"), "Just do it.");
  put(config("skills/zoo/SKILL.md"), skill("zoo", "Keep animals", "", "Feed & clean."));
  await product.serve();
  const client = product.connect();
  const { workspace } = product;
  const { commands } = await client.request("command.list", { workspace });
  expect(commands[1]).toEqual({
    id: "user:review",
    kind: "command",
    description: "Review a change",
    hint: "FILE DEPTH",
    arguments: ["FILE", "DEPTH"],
  });
  const expand = async (id: string, more: { args?: string; values?: Record<string, string> } = {}) =>
    (await client.request("command.expand", { workspace, id, ...more })).text;
  expect(await expand("user:review", { values: { FILE: "$DEPTH.ts", DEPTH: "great" } })).toBe(
    "Review $DEPTH.ts with great care. $DEPTH.ts!",
  );
  expect(await expand("user:review", { args: "'a b.ts' very much" })).toBe("Review a b.ts with very much care. a b.ts!");
  expect(await expand("user:say", { args: 'one "two three"' })).toBe('Say: one "two three" (one, two three)');
  expect(await expand("user:plain", { args: "now" })).toBe("Just do it.\n\nnow");
  expect(await expand("zoo", { args: "the lions" })).toMatch(
    /<instructions>\nFeed & clean.\n<\/instructions>\n<\/loaded_skill>\n\nthe lions$/,
  );
});
