// Hooks in the installed product: the user's own run, a project's once it is trusted, and their environment has no keys.
import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { apiKey, openProduct, simulatedProvider } from "../support/product.ts";

test("the user's hook sees each call without the user's keys; a project's hook runs once its file is trusted, and can refuse", async () => {
  await using product = await openProduct();
  const seen = path.join(product.root, "seen");
  product.writeConfig({
    ...simulatedProvider(product.simulator.url),
    hooks: { pre_tool_use: [{ name: "log", matcher: "^ls$", command: `env > ${seen}; cat >> ${seen}` }] },
  });
  const denies = { hooks: { PreToolUse: [{ name: "no-ls", command: "echo 'not here' >&2; exit 2" }] } };
  fs.writeFileSync(path.join(product.workspace, "crush.json"), JSON.stringify(denies));
  product.simulator.play({ tools: [{ name: "ls", arguments: "{}" }] }, { text: "done" });
  expect(await product.run(["run", "look"])).toMatchObject({ code: 0, stdout: "done\n" });
  const told = fs.readFileSync(seen, "utf8");
  expect(told).toContain("CRUSH_TOOL_NAME=ls");
  expect(told).toContain('"tool_name":"ls"');
  expect(told).not.toContain(apiKey);
  expect(product.simulator.seen.at(-1)!.raw).not.toContain("not here");

  product.simulator.play({ tools: [{ name: "ls", arguments: "{}" }] }, { text: "so be it" });
  expect(await product.run(["run", "--trust-project", "look"])).toMatchObject({ code: 0, stdout: "so be it\n" });
  expect(product.simulator.seen.at(-1)!.raw).toContain("A hook blocked this call: not here");
});

test("a hook answers for the user where nobody can be asked, but not for what is never run", async () => {
  await using product = await openProduct();
  const yes = `echo '{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"allow"}}'`;
  product.writeConfig({ ...simulatedProvider(product.simulator.url), hooks: { PreToolUse: [{ command: yes }] } });
  const write = { name: "write", arguments: '{"file_path":"new.txt","content":"x"}' };
  product.simulator.play({ tools: [write] }, { text: "written" });
  expect((await product.run(["run", "write"])).code).toBe(0);
  expect(fs.readFileSync(path.join(product.workspace, "new.txt"), "utf8")).toBe("x");
  product.simulator.play({ tools: [{ name: "bash", arguments: '{"command":"sudo id","description":"x"}' }] }, { text: "no" });
  await product.run(["run", "sudo"]);
  expect(product.simulator.seen.at(-1)!.raw).toMatch(/sudo/);
  expect(product.simulator.seen.at(-1)!.raw).not.toContain("uid=");
});
