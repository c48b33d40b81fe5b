import fs from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { checkPatch } from "../../src/protocol/index.ts";
import { apiKey, openProduct, type Product, sleep } from "../support/product.ts";
import { asked, openPty, play, type Pty } from "../support/pty.ts";

// Plain mode as a screen reader and a dumb terminal get it: lines that are added.

async function withPlain(run: (tty: Pty, product: Product) => Promise<void>, more: { args?: string[]; env?: Record<string, string> } = {}) {
  await using product = await openProduct();
  const tty = openPty(product, more.args ?? ["--plain"], more.env ? { env: { COLORTERM: undefined, ...more.env } } : {});
  await tty.shows("/help lists commands");
  await tty.shows(/^>\s*$/m);
  await run(tty, product);
}

/** Everything that came is text and new lines: no escape sequence, nothing that moves a cursor back. */
function onlyAdds(tty: Pty): void {
  const output = tty.output().toString("utf8");
  expect(output).not.toMatch(/[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f]/u);
  // A carriage return begins the next line and never the same one again.
  expect(output.replaceAll(/\r+\n/g, "\n")).not.toContain("\r");
  expect(checkPatch(Buffer.from(output.replaceAll(/\r*\n/g, "\r\n")))).toEqual({ ok: true });
}

describe.concurrent("plain mode", () => {
  test("answers a prompt in lines that are only added, tells tools and how it ended, and is silent then", () =>
    withPlain(async (tty, product) => {
      fs.writeFileSync(path.join(product.workspace, "notes.txt"), "first\nsecond\n");
      play(
        product,
        { text: "I look.", tools: [{ name: "view", arguments: JSON.stringify({ file_path: "notes.txt" }) }] },
        { text: "It has **two** lines.\nThat is all.\x1b[31m", rate: 60 },
      );
      tty.type("what is in notes.txt?\n");
      await tty.shows(/Done, \d+ s/);
      const text = tty.text();
      for (const words of ["Answer: I look.", "Tool: View: notes.txt", "Result: ", "It has **two** lines.", "That is all."])
        expect(text).toContain(words);
      expect(text).not.toContain("You: ");
      expect(text.match(/That is all/g)).toHaveLength(1);
      await tty.quiet(300);
      const before = tty.bytes();
      await sleep(1_500);
      expect(tty.bytes()).toBe(before);
      onlyAdds(tty);
      tty.type("/quit\n");
      expect(await tty.exited).toMatchObject({ exitCode: 0 });
    }));

  test("asks for permission by numbers; what is no answer allows nothing", () =>
    withPlain(async (tty, product) => {
      play(
        product,
        { tools: [{ name: "bash", arguments: JSON.stringify({ description: "makes a file", command: "touch made" }) }] },
        { text: "It is made." },
      );
      tty.type("make a file\n");
      await tty.shows(/Answer 1 to \d:/);
      expect(tty.text()).toMatch(/Permission asked: Bash, execute\.\n *touch made/);
      tty.type("yes please\n");
      await tty.shows("That is no answer");
      expect(fs.existsSync(path.join(product.workspace, "made"))).toBe(false);
      tty.type("1\n");
      await tty.shows("It is made.");
      expect(fs.existsSync(path.join(product.workspace, "made"))).toBe(true);
      onlyAdds(tty);
    }));

  test("control C stops what runs, then leaves; several lines that are pasted are one prompt", () =>
    withPlain(async (tty, product) => {
      play(product, { text: "one two three. ".repeat(200), rate: 60 });
      tty.type("first line\nsecond line\n");
      await tty.shows("one two three.");
      expect(JSON.stringify(asked(product)[0]!.body.messages)).toContain("first line\\\\nsecond line".replaceAll("\\\\", "\\"));
      tty.type("\x03");
      await tty.shows("Stopped: ");
      tty.type("\x03");
      expect(await tty.exited).toMatchObject({ exitCode: 0 });
      expect(tty.text()).toMatch(/crush --plain -s [0-9a-f]{7}/);
    }));

  test("is what a dumb terminal gets, and what $CRUSH_PLAIN and $ACCESSIBLE ask for", async () => {
    for (const env of [{ TERM: "dumb" }, { CRUSH_PLAIN: "1" }, { ACCESSIBLE: "1" }])
      await withPlain(
        async (tty) => {
          tty.type("/quit\n");
          expect(await tty.exited).toMatchObject({ exitCode: 0 });
          onlyAdds(tty);
        },
        { args: [], env },
      );
  });

  test("a key is entered without being shown", () =>
    withPlain(
      async (tty, product) => {
        tty.type("/connect\n");
        await tty.shows("Number:");
        const number = /(\d+)\. OpenAI\b/.exec(tty.text())![1]!;
        tty.type(`${number}\n`);
        await tty.shows("Key:");
        await tty.quiet(200);
        tty.type(`${apiKey}\r`);
        await tty.shows(/Error: |is connected/);
        expect(tty.output().toString()).not.toContain(apiKey.slice(4));
        onlyAdds(tty);
        expect(product.simulator.seen).toEqual([]);
      },
      { env: { OPENAI_BASE_URL: "http://127.0.0.1:9/v1" } },
    ));

  test("models and sessions are chosen by number, and a session that is opened tells how it ended", () =>
    withPlain(async (tty, product) => {
      play(product, { text: "first answer" }, { text: "second answer" });
      tty.type("hello\n");
      await tty.shows(/first answer[\s\S]*Done/);
      tty.type("/new\n");
      await sleep(300);
      tty.type("/sessions\n");
      await tty.shows(/1\. .*, [0-9a-f]{7}/);
      tty.type("1\n");
      await tty.shows(/You: hello/);
      tty.type("/models\n");
      await tty.shows("2. small-one");
      tty.type("2\n");
      await tty.shows("small-one answers from now on");
    }));
});
