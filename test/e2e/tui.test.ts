import fs from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { openProduct, type Product, sleep, until } from "../support/product.ts";
import { asked, clean, isClean, openPty, play, type Pty } from "../support/pty.ts";

// The full-screen program as somebody at a terminal meets it.

async function withProduct(run: (product: Product) => Promise<void>): Promise<void> {
  await using product = await openProduct();
  await run(product);
}

const quit = async (tty: Pty): Promise<void> => {
  tty.type("\x03\x03");
  expect(await tty.exited).toMatchObject({ exitCode: 0 });
};

/** Of a blank these are seen: underline, inverse, strike. Its ink is not, unless it is inverse. */
const seenOnBlank = 8 | 32 | 128;
/** What is on a screen, row by row: text, then each change of colours and attributes, as far as an eye can tell. */
const cellsOf = (tty: Pty): string[] =>
  tty.oracle.cells().map((row, at) => {
    let last = "";
    const styles = row.flatMap(({ char, width, fg, bg, attrs, link }, col) => {
      if (width === 0) return []; // the second half of a wide one
      const blank = char.trim() === "";
      const ink = blank && (attrs & seenOnBlank) === 0 ? 0 : fg;
      const style = `${ink} ${bg} ${blank ? attrs & seenOnBlank : attrs} ${link}`;
      if (style === last) return [];
      last = style;
      return [`${col}: ${style}`];
    });
    return `${tty.lines()[at]}\t${styles.join("; ")}`;
  });

describe.concurrent("a terminal", () => {
  test("what is typed before the server is there is in the editor when it is", () =>
    withProduct(async (product) => {
      const tty = openPty(product, []);
      tty.type("typed at once, é漢🙂");
      await tty.shows("> typed at once, é漢🙂");
      tty.type("\x1b[D\x1b[D!");
      await tty.shows("> typed at once, é!漢🙂");
      expect(tty.oracle.cursor).toMatchObject({ visible: true, col: 2 + "typed at once, é!".length });
      await quit(tty);
      expect(isClean(tty)).toEqual(clean(40));
    }));

  test("a prompt sent at once is answered, and the rows say what runs and what it took", () =>
    withProduct(async (product) => {
      play(product, { words: 40, rate: 60 });
      const tty = openPty(product, []);
      tty.type("say something\r");
      await tty.shows("Answering");
      await tty.shows(/large-one[\s\S]*◇ large-one · \d+\.\d s/);
      expect(tty.text()).toContain("┃ say something");
      await tty.shows("ctrl+p commands");
      // The title is asked for after the answer.
      await until(() => tty.oracle.state().title === "crush work: A title");
      await quit(tty);
      // The way back is told on the main screen.
      expect(tty.text()).toMatch(/crush -s [0-9a-f]{7}/);
    }));

  test("escape twice cancels, and a prompt typed while a turn runs waits for it", () =>
    withProduct(async (product) => {
      play(product, { text: "one ".repeat(400), rate: 50 }, { text: "the second answer" });
      const tty = openPty(product, []);
      tty.type("first prompt\r");
      await tty.shows("one one");
      tty.type("second prompt\r");
      await tty.shows("1 queued");
      expect(tty.text()).toMatch(/queued\s+second prompt/);
      tty.type("\x1b");
      await tty.shows("Press esc again to cancel");
      tty.type("x"); // anything else takes it back
      await tty.hides("Press esc again");
      tty.type("\x7f\x1b");
      await tty.shows("Press esc again to cancel");
      tty.type("\x1b");
      await tty.shows("Canceled by the user");
      await tty.hides("Answering");
      await until(() => asked(product)[0]!.closed);
      expect(asked(product)).toHaveLength(1);
    }));

  test("a queued prompt runs after the turn before it", () =>
    withProduct(async (product) => {
      play(product, { text: "one ".repeat(30), rate: 60 }, { text: "the second answer" });
      const tty = openPty(product, []);
      tty.type("first prompt\r");
      await tty.shows("one one");
      tty.type("second prompt\r");
      await tty.shows("the second answer");
      await tty.hides("queued");
      expect(tty.text().indexOf("┃ first prompt")).toBeLessThan(tty.text().indexOf("┃ second prompt"));
    }));

  test("resized while an answer streams, it shows what a terminal of that size shows that comes anew", () =>
    withProduct(async (product) => {
      play(product, { words: 120, rate: 90 });
      const tty = openPty(product, []);
      tty.type("say much\r");
      await tty.shows("alpha");
      for (const [cols, rows] of [
        [60, 20],
        [300, 60],
        [40, 12],
      ] as const) {
        await sleep(150);
        tty.resize(cols, rows);
      }
      await tty.shows("◇ large-one");
      for (const [cols, rows] of [
        [40, 12],
        [300, 60],
        [60, 20],
        [120, 40],
      ] as const) {
        tty.resize(cols, rows);
        const fresh = openPty(product, ["-C"], { cols, rows });
        await Promise.all([tty.shows("◇ large-one"), fresh.shows("◇ large-one"), fresh.shows(/Ask, or say/), tty.shows(/Ask, or say/)]);
        await Promise.all([tty.quiet(120), fresh.quiet(120)]);
        expect(cellsOf(tty)).toEqual(cellsOf(fresh));
        fresh.kill("SIGTERM");
      }
    }));

  test("two terminals on one session show the same while it streams; -C, -s and attach find it", () =>
    withProduct(async (product) => {
      play(product, { words: 240, rate: 60 });
      const first = openPty(product, []);
      first.type("say much\r");
      await first.shows("alpha");
      const others = [openPty(product, ["-C"])];
      await others[0]!.shows("Answering");
      const { uuid, id } = JSON.parse((await product.run(["session", "last", "--json"])).stdout) as { uuid: string; id: string };
      others.push(openPty(product, ["-s", id.slice(0, 7)]), openPty(product, ["attach", uuid]));
      for (const tty of [first, ...others]) await tty.shows("◇ large-one");
      for (const tty of [first, ...others]) await tty.quiet(100);
      for (const tty of others) expect(cellsOf(tty)).toEqual(cellsOf(first));
    }));

  test("a session that is not there and a prompt as argument are told on the main screen", () =>
    withProduct(async (product) => {
      const none = openPty(product, ["-s", "nothing"]);
      expect((await none.exited).exitCode).not.toBe(0);
      expect(none.text()).toMatch(/crush: .*nothing/);
      expect(isClean(none)).toEqual(clean(40));
      const words = openPty(product, ["fix", "it"]);
      expect((await words.exited).exitCode).toBe(2);
      expect(words.text()).toContain("crush run");
    }));

  test("nothing is written while nothing runs", () =>
    withProduct(async (product) => {
      play(product, { words: 10 });
      const tty = openPty(product, []);
      tty.type("hello\r");
      await tty.shows("◇ large-one");
      await tty.quiet(300);
      const before = tty.bytes();
      await sleep(2_000);
      expect(tty.bytes()).toBe(before);
    }));

  test("a paste of 10,000 lines is one fold in the editor, and arrives whole", () =>
    withProduct(async (product) => {
      play(product, { text: "I have read it" });
      const tty = openPty(product, []);
      await tty.shows("What shall we work on?");
      const pasted = Array.from({ length: 10_000 }, (_, i) => `row ${i}`).join("\n");
      tty.type(`look: \x1b[200~${pasted}\x1b[201~ please`);
      await tty.shows(/> look: \S?.*10,?000 lines.* please/);
      tty.type("\r");
      await tty.shows("I have read it");
      const message = asked(product)[0]!.body.messages.findLast((each) => each.role === "user");
      expect(JSON.stringify(message)).toContain(JSON.stringify(`look: ${pasted} please`).slice(1, -1));
    }));

  test("wide characters, emoji and marks stand in their columns", () =>
    withProduct(async (product) => {
      play(product, { text: "| a | b |\n|---|---|\n| 漢字 | x |\n| 🙂👍🏽 | y |\n| é | z |\n| 👨‍👩‍👧 | w |\n" });
      const tty = openPty(product, [], { cols: 60, rows: 30 });
      tty.type("a table 漢字\r");
      await tty.shows("◇ large-one");
      const columns = ["x", "y", "z", "w"].map((letter) => {
        const row = tty.lines().findIndex((each) => new RegExp(`[│|] ${letter} `).test(`${each} `) && /漢字|🙂|é|👨/u.test(each));
        expect(row, letter).toBeGreaterThan(0);
        return Array.from({ length: 60 }, (_, col) => tty.oracle.cell(row, col).char).indexOf(letter);
      });
      expect(new Set(columns).size).toBe(1);
    }));

  test.each([
    ["NO_COLOR", { NO_COLOR: "1" }, "none"],
    ["16 colours", { COLORTERM: undefined, TERM: "xterm" }, "palette"],
    ["a dumb terminal that is said to do more", { COLORTERM: undefined, TERM: "dumb", CRUSH_PLAIN: "0" }, "none"],
  ] as const)("%s: no colour that it was not asked for, and the words are there", (_, env, colours) =>
    withProduct(async (product) => {
      play(product, { text: "# Head\n\nsome `code`\n\n```js\nconst a = 1;\n```\n" });
      const tty = openPty(product, [], { env });
      tty.type("hello\r");
      await tty.shows("◇ large-one");
      expect(tty.text()).toContain("const a = 1;");
      const used = new Set(
        tty.oracle
          .cells()
          .flat()
          .flatMap(({ fg, bg }) => [fg, bg]),
      );
      used.delete(0);
      if (colours === "none") expect([...used]).toEqual([]);
      else for (const colour of used) expect(colour & ~15, `colour ${colour}`).toBe(1 << 25);
      await quit(tty);
      expect(isClean(tty)).toEqual(clean(40));
    }),
  );

  test("in 20 columns and 5 rows one can ask and read", () =>
    withProduct(async (product) => {
      play(product, { text: "short" });
      const tty = openPty(product, [], { cols: 20, rows: 5 });
      tty.type("hello\r");
      await tty.shows("short");
      tty.type("\x10"); // the palette
      await tty.shows("Commands");
      tty.type("\x1b");
      await tty.hides("Commands");
      tty.type("\x07");
      await tty.shows("Help");
      tty.type("\x1b");
      await tty.hides("Help");
      await quit(tty);
    }));

  test("a file is found by @, sent along, and commands by /", () =>
    withProduct(async (product) => {
      fs.mkdirSync(path.join(product.workspace, "src"));
      fs.writeFileSync(path.join(product.workspace, "src/rare-name.ts"), "export const rare = 1;\n");
      play(product, { text: "read" });
      const tty = openPty(product, []);
      await tty.shows("What shall we work on?");
      tty.type("explain @rare");
      await tty.shows("src/rare-name.ts");
      tty.type("\t");
      await tty.shows("explain @src/rare-name.ts");
      tty.type("\r");
      await tty.shows("◇ large-one");
      expect(asked(product)[0]!.raw).toContain("export const rare");
      tty.type("/he");
      await tty.shows("/help");
      tty.type("\r");
      await tty.shows("Everywhere");
      tty.type("\x1b");
      await tty.hides("Everywhere");
      tty.type("/quit\r");
      expect(await tty.exited).toMatchObject({ exitCode: 0 });
    }));

  test("who looks elsewhere is told in the terminal's own way that the answer is there, and who looks is not", () =>
    withProduct(async (product) => {
      play(product, { text: "first answer" }, { text: "second answer" });
      const tty = openPty(product, [], { env: { WT_SESSION: "1" } });
      const told = () => tty.oracle.state().other.filter((each) => each.startsWith("OSC 9;Crush has finished"));
      tty.type("hello\r");
      await tty.shows(/first answer[\s\S]*◇ large-one/);
      expect(told()).toEqual([]);
      tty.type("\x1b[O");
      tty.type("again\r");
      await until(() => told().length === 1);
      tty.type("\x1b[I");
    }));

  test("what is dragged over goes to the clipboard, and one is told", () =>
    withProduct(async (product) => {
      play(product, { text: "take this word here" });
      const tty = openPty(product, []);
      tty.type("hello\r");
      await tty.shows("◇ large-one");
      const row = tty.lines().findIndex((each) => each.includes("take this word"));
      const col = tty.lines()[row]!.indexOf("this");
      const at = (what: string, column: number, end: "M" | "m") => `\x1b[<${what};${column + 1};${row + 1}${end}`;
      tty.type(at("0", col, "M") + at("32", col + 2, "M") + at("32", col + 8, "M") + at("0", col + 8, "m"));
      await tty.shows("Sent to the clipboard: 9 characters");
      await until(() => tty.oracle.state().other.includes(`OSC 52;c;${Buffer.from("this word").toString("base64")}`));
    }));
});
