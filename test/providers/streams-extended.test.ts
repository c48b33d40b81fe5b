// Tiers extended and error of the recorded streams: what differs is what test/support/streams.md explains, no more and no less.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const check = path.resolve("../shared/data/streams/check.mjs");
const isThere = fs.existsSync(check);
const formats = "openai-chat,openai-responses,anthropic,google,bedrock-eventstream,mistral,perplexity";

test.skipIf(!isThere)(`recorded streams differ only where it is explained${isThere ? "" : " (../shared is absent)"}`, () => {
  const args = [
    check,
    "--adapter",
    "test/support/streams-adapter.ts",
    "--formats",
    formats,
    "--tiers",
    "extended,error",
    "--cuts",
    "event,7",
  ];
  let said: string;
  try {
    said = execFileSync(process.execPath, args, { encoding: "utf8" });
  } catch (error) {
    said = (error as { stdout: string }).stdout;
  }
  const differing = [...said.matchAll(/^FAIL (\S+)/gm)].map(([, id]) => id!);
  const explained = [
    ...fs.readFileSync("test/support/streams.md", "utf8").matchAll(/^\| (vercel\S+?)(, -\d+)?(?: \(error\))? \|/gm),
  ].flatMap(([, id, also]) => (also === undefined ? [id!] : [id!, id!.replace(/-\d+$/, also.slice(2))]));
  expect(differing.sort()).toEqual(explained.sort());
  expect(said).toMatch(/^\d+ passed, \d+ failed$/m);
});
