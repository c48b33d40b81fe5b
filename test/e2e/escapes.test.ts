import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openProduct, type Product, simulatedProvider } from "../support/product.ts";

// Whatever comes from a model, a tool, a file's name or a title: what is printed moves no cursor, sets no title, reads no clipboard.

let product: Product;
beforeAll(async () => {
  product = await openProduct();
  await product.serve();
});
afterAll(() => product[Symbol.asyncDispose]());

/** Clear, title, clipboard, a C1 introducer, a link, bell, backspaces, right-to-left override, carriage return over the line before. */
const hostile =
  "\u001b[2J\u001b]0;pwned\u0007\u001b]52;c;cHduZWQ=\u001b\\\u009b31m\u001b]8;;http://evil/\u001b\\x\u0007\b\b\u202egnp\rover";
// Everything below a space but tab and line feed, DEL, C1 and what turns text round.
const moves = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

const file = `a${hostile.replaceAll("/", "_")}.txt`;
const script = [
  {
    reasoning: `think ${hostile}`,
    text: `see ${hostile} this`,
    tools: [
      { name: "ls", arguments: "{}" },
      { id: "call_1", name: "view", arguments: JSON.stringify({ file_path: file }) },
    ],
  },
  { text: `done ${hostile}` },
];

test("no output of run, session, models, logs or an error holds a control character", async () => {
  fs.writeFileSync(path.join(product.workspace, file), `inside ${hostile}\n`);
  const config = simulatedProvider(product.simulator.url) as { providers: { sim: { models: unknown[] } } };
  config.providers.sim.models.push({ id: `m${hostile}`, name: hostile });
  product.writeConfig(config);

  const outputs: Record<string, string> = {};
  const run = async (...args: string[]) => {
    const { stdout, stderr, code } = await product.run(args);
    outputs[args.join(" ").slice(0, 60)] = stdout + stderr;
    return { code, stdout };
  };
  for (const format of ["text", "json", "stream-json"]) {
    product.simulator.play(...script);
    const { code, stdout } = await run("run", "--verbose", "--format", format, `prompt ${hostile}`);
    expect(code).toBe(0);
    // The words themselves stay.
    expect(stdout).toContain(format === "text" ? "done [2J]0;pwned" : "done \\u001b[2J\\u001b]0;pwned");
  }
  const { uuid } = JSON.parse((await run("session", "last", "--json")).stdout) as { uuid: string };
  await run("session", "rename", uuid, `title ${hostile}`);
  for (const args of [
    ["list"],
    ["show", uuid],
    ["show", uuid, "--json"],
    ["export", uuid],
    ["export", uuid, "--json"],
    ["list", "--json"],
    ["delete", uuid],
  ])
    await run("session", ...args);
  await run("models");
  await run("models", "--json");
  await run("run", "-m", `none${hostile}`, "x");
  await run("session", "show", `none${hostile}`);
  await run("run", `--none${hostile}`, "x");
  await run(`none${hostile}`);
  await run("run", "--allow", "write", "--cwd", `/none${hostile}`, "x");
  product.simulator.play(
    {
      tools: [{ name: "bash", arguments: JSON.stringify({ description: "d", command: "printf '\\033[2J\\033]0;pwned\\007\\302\\233'" }) }],
    },
    { text: "ok" },
  );
  expect((await run("run", "--verbose", "--allow", "bash", "print it")).code).toBe(0);
  product.simulator.play({ status: 400, body: JSON.stringify({ error: { message: `no ${hostile}` } }) });
  expect((await run("run", "--verbose", "x")).code).toBe(1);
  product.simulator.play({ tools: [{ name: "write", arguments: JSON.stringify({ file_path: `new-${file}`, content: hostile }) }] });
  expect((await run("run", "--verbose", "deny it")).code).toBe(3);
  product.writeConfig(`{ "providers": ${hostile} }`);
  await run("run", "x");
  await run("logs");

  const offences = Object.entries(outputs).flatMap(([command, output]) => {
    const at = output.search(moves);
    return at < 0 ? [] : [`${command}: ${JSON.stringify(output.slice(Math.max(0, at - 40), at + 20))}`];
  });
  expect(offences).toEqual([]);
});
