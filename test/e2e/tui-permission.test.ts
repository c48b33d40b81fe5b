import fs from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { openProduct, type Product, sleep } from "../support/product.ts";
import { asked, openPty, play, type Pty } from "../support/pty.ts";

// Calls that ask, in a terminal. A question does not take keys while somebody types, so an answer comes a moment after it.

const typingPauseMs = 520;
const answer = async (tty: Pty, keys: string): Promise<void> => {
  await tty.shows("Deny with words (m)");
  await sleep(typingPauseMs);
  tty.type(keys);
};

const call = (command: string) => ({ tools: [{ name: "bash", arguments: JSON.stringify({ description: "makes a file", command }) }] });
const made = (product: Product, name: string) => fs.existsSync(path.join(product.workspace, name));
/** What the model was told in the newest request. */
const told = (product: Product) => JSON.stringify(asked(product).at(-1)!.body.messages.slice(-2));

async function withProduct(run: (product: Product) => Promise<void>): Promise<void> {
  await using product = await openProduct();
  await run(product);
}

describe.concurrent("a call that asks", () => {
  test("runs when it is allowed once, and asks again the next time", () =>
    withProduct(async (product) => {
      play(product, call("touch one"), { text: "first done" }, call("touch two"), { text: "not asked for" });
      const tty = openPty(product, []);
      tty.type("make a file\r");
      await answer(tty, "a");
      await tty.shows("first done");
      expect(made(product, "one")).toBe(true);
      tty.type("again\r");
      await answer(tty, "d");
      await tty.shows("Stopped, as the call was denied");
      expect(made(product, "two")).toBe(false);
      expect(tty.text()).toContain("⊘");
      expect(asked(product)).toHaveLength(3);
    }));

  test("allowed for the session, the same command runs without asking until another session", () =>
    withProduct(async (product) => {
      play(product, call("touch one"), { text: "first done" }, call("touch one"), { text: "second done" }, call("touch one"));
      const tty = openPty(product, []);
      tty.type("make a file\r");
      await answer(tty, "s");
      await tty.shows("first done");
      tty.type("again\r");
      await tty.shows("second done");
      tty.type("\x0e"); // ctrl+n
      await tty.hides("second done");
      tty.type("again\r");
      await answer(tty, "\x1b[C\x1b[C\x1b[C\r"); // the fourth choice: deny
      await tty.shows("Stopped, as the call was denied");
    }));

  test("allowed always, the pattern is shown, then saved, and holds in the next session", () =>
    withProduct(async (product) => {
      play(product, call("touch one"), { text: "first done" }, call("touch one"), { text: "second done" });
      const tty = openPty(product, []);
      tty.type("make a file\r");
      await answer(tty, "w");
      await tty.shows(/This rule will be saved[\s\S]*bash\([^)]*\)/);
      expect(made(product, "one")).toBe(false);
      tty.type("\x1b"); // back: nothing is saved
      await tty.shows("Always… (w)");
      tty.type("w");
      await tty.shows("This rule will be saved");
      tty.type("\r");
      await tty.shows("first done");
      tty.type("\x0e");
      await tty.hides("first done");
      tty.type("again\r");
      await tty.shows("second done");
    }));

  test("denied with words, the model is told them and the turn goes on", () =>
    withProduct(async (product) => {
      play(product, call("touch one"), { text: "I understand" });
      const tty = openPty(product, []);
      tty.type("make a file\r");
      await answer(tty, "m");
      await tty.shows("the model is told");
      tty.type("use mktemp instead\r");
      await tty.shows("I understand");
      expect(made(product, "one")).toBe(false);
      expect(told(product)).toContain("use mktemp instead");
    }));

  test("leaves what led to it in sight, and a click on a choice answers", () =>
    withProduct(async (product) => {
      play(product, { text: "I shall make one", ...call("touch one") }, { text: "made" });
      const tty = openPty(product, [], { cols: 80, rows: 20 });
      tty.type("make a file\r");
      await tty.shows("Allow (a)");
      expect(tty.text()).toContain("I shall make one");
      const row = tty.lines().findIndex((each) => each.includes("Allow (a)"));
      const col = tty.lines()[row]!.indexOf("Allow");
      tty.type(`\x1b[<0;${col + 2};${row + 1}M\x1b[<0;${col + 2};${row + 1}m`);
      await tty.shows("made");
      expect(made(product, "one")).toBe(true);
    }));

  test("keys of somebody who still types a prompt answer nothing", () =>
    withProduct(async (product) => {
      play(product, call("touch one"));
      const tty = openPty(product, []);
      tty.type("make a file\r");
      // "a" and "s" would allow.
      for (let i = 0; !tty.text().includes("Permission:"); i++) {
        tty.type("as"[i % 2]!);
        await sleep(10);
      }
      tty.type("asas");
      await tty.shows("Deny with words");
      expect(made(product, "one")).toBe(false);
      await answer(tty, "d");
      await tty.shows("Stopped, as the call was denied");
      expect(made(product, "one")).toBe(false);
    }));

  test("is seen by both terminals of its session, and the first answer is the one", () =>
    withProduct(async (product) => {
      play(product, { text: "hello" }, call("touch one"), { text: "it is over" });
      const first = openPty(product, []);
      first.type("hello\r");
      await first.shows("◇");
      const second = openPty(product, ["-C"], { cols: 90, rows: 30 });
      await second.shows("hello");
      first.type("make a file\r");
      await first.shows("Deny with words");
      await second.shows("Deny with words");
      await sleep(typingPauseMs);
      first.type("d");
      second.type("a");
      await Promise.all([first, second].map((tty) => tty.shows(/it is over|Stopped, as the call/)));
      const denied = first.text().includes("⊘");
      expect(second.text().includes("⊘")).toBe(denied);
      expect(made(product, "one")).toBe(!denied);
      expect(asked(product)).toHaveLength(denied ? 2 : 3);
      for (const tty of [first, second]) expect(tty.text()).not.toContain("Permission:");
    }));

  test("shows the diff of an edit, scrolls a long one, and fills the screen on f", () =>
    withProduct(async (product) => {
      const lines = Array.from({ length: 200 }, (_, i) => `line number ${i}`);
      fs.writeFileSync(path.join(product.workspace, "long.txt"), `${lines.join("\n")}\n`);
      const content = `${lines.map((each) => `${each} changed`).join("\n")}\n`;
      play(
        product,
        { tools: [{ name: "view", arguments: JSON.stringify({ file_path: "long.txt" }) }] },
        { tools: [{ name: "write", arguments: JSON.stringify({ file_path: "long.txt", content }) }] },
        { text: "written" },
      );
      const tty = openPty(product, []);
      tty.type("change it\r");
      await tty.shows("- line number 0");
      await sleep(typingPauseMs);
      tty.type("\x1b[<65;60;20M".repeat(30)); // the wheel
      await tty.shows((text) => !/- line number 0 /.test(text) && /- line number 9\d /.test(text));
      tty.type("f");
      await tty.shows((text) => text.split("\n")[1]!.includes("Permission:"));
      tty.type("a");
      await tty.shows("written");
      expect(fs.readFileSync(path.join(product.workspace, "long.txt"), "utf8")).toBe(content);
    }));
});
