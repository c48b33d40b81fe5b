import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { openProduct, simulatedProvider } from "../support/product.ts";
import { openPty } from "../support/pty.ts";

test("crush config check names each mistake with file, line and key, and crush config show the result without secrets", async () => {
  await using product = await openProduct();
  const file = path.join(product.root, "config", "crush", "crush.json");
  product.writeConfig(
    '{\n  "providers": { "a": { "type": "openai-compat", "base_url": "http://x", "api_key": "sk-0123456789", "nmae": "A" } }\n}',
  );
  fs.writeFileSync(path.join(product.workspace, "crush.json"), '{"options": {"node": {"keys": {"global": {"hlep": "f1"}}}}}');
  const checked = await product.run(["config", "check"]);
  expect(checked).toMatchObject({ code: 0, stderr: "" });
  expect(checked.stdout).toBe(
    `${file}:2:102: warning: providers.a.nmae is not known; did you mean "name"?\n` +
      `${path.join(product.workspace, "crush.json")}:1:43: warning: options.node.keys.global.hlep is no action; did you mean "help"?\n`,
  );
  const shown = await product.run(["config", "show"]);
  expect(shown.code).toBe(0);
  expect(JSON.parse(shown.stdout)).toMatchObject({ providers: { a: { api_key: "(secret)", base_url: "http://x" } } });
  expect(shown.stdout + shown.stderr).not.toContain("sk-0123456789");
  expect(shown.stderr).toContain(`read: ${file}`);

  product.writeConfig('{\n  "options": {\n    "debug": "yes",\n  }\n}');
  for (const command of [
    ["config", "check"],
    ["config", "check", file],
  ]) {
    const { code, stdout } = await product.run(command);
    expect(code).toBe(1);
    expect(stdout).toContain(`${file}:4:3: error: is not valid JSON: a comma stands before the closing brace`);
  }
  expect(await product.run(["config", "show"])).toMatchObject({ code: 1, stderr: expect.stringContaining(`${file}:4: is not valid JSON`) });
  const json = JSON.parse((await product.run(["config", "check", "--json"])).stdout) as { problems: unknown[] };
  expect(json.problems).toMatchObject([{ file, line: 4, column: 3, level: "error" }, { level: "warning" }]);
  expect(await product.run(["config", "check", "/nowhere.json"])).toMatchObject({ code: 2 });
  expect(product.discovery()).toBeUndefined();
});

test("crush schema is a JSON Schema of every key", async () => {
  await using product = await openProduct();
  const { code, stdout } = await product.run(["schema"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    properties: { options: { properties: { tui: {}, node: { properties: { keys: {}, theme: {} } } } }, mcp: {}, hooks: {} },
  });
});

test("the user's crushrc configures providers, and what it prints goes nowhere", async () => {
  await using product = await openProduct();
  product.writeConfig({});
  fs.writeFileSync(
    path.join(product.root, "config", "crush", "crushrc"),
    `echo hello; echo oops >&2\nprovider add sim --base-url ${product.simulator.url}/v1 --api-key "$SIM_API_KEY"\nmodel add sim/large-one\nmodel large sim/large-one\n`,
  );
  product.simulator.play({ text: "from a script" });
  expect(await product.run(["run", "hi"])).toMatchObject({ code: 0, stdout: "from a script\n", stderr: "" });
});

test("a screen takes a changed configuration over at once, and a mistake keeps the one before", async () => {
  await using product = await openProduct();
  const provider = simulatedProvider(product.simulator.url);
  product.writeConfig({ ...provider, options: { node: { keys: { global: { help: "f1" } } } } });
  const tty = openPty(product, []);
  await tty.shows("f1 help");
  product.writeConfig({ ...provider, options: { node: { keys: { global: { help: "f2" } } } } });
  await tty.shows("f2 help");
  product.writeConfig("{ oops");
  await tty.shows("The configuration before is kept");
  tty.type("\u001bOQ");
  await tty.shows("Everywhere");
  tty.type("\u001b");
  await tty.hides("Everywhere");
  product.writeConfig({ ...provider, options: { node: { theme: "mine" } } });
  const themes = path.join(product.root, "config", "crush", "themes");
  fs.mkdirSync(themes);
  fs.writeFileSync(path.join(themes, "mine.json"), '{"base": "dark", "primary": "#010203"}');
  await tty.shows("ctrl+g help");
});
