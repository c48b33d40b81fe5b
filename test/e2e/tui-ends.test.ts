import { describe, expect, test } from "vitest";
import { openProduct, type Product, sleep, until } from "../support/product.ts";
import { asked, clean, crush, isClean, openPty, play, type Pty } from "../support/pty.ts";

// Ends of all kinds: of the client, of the server, of a job in a shell. The terminal is left as it was found, the session goes on.

async function withProduct(run: (product: Product) => Promise<void>): Promise<void> {
  await using product = await openProduct();
  await run(product);
}

const long = { text: Array.from({ length: 600 }, (_, i) => `w${i}`).join(" "), rate: 60 };
/** The client's process: not the server, not a shell. */
const clientOf = (product: Product): number => product.processes().find(({ command }) => command.includes("/dist/cli.cjs"))!.pid;

/** A shell with job control and a prompt that nothing else prints. */
async function openShell(product: Product): Promise<Pty> {
  const shell = openPty(product, ["--norc", "--noprofile", "-i"], { command: "bash", env: { PS1: "ready> ", CRUSH: crush } });
  await shell.shows("ready>");
  return shell;
}

describe.concurrent("the client", () => {
  test.each(["SIGTERM", "SIGHUP", "SIGINT"] as const)("killed by %s it leaves a clean terminal, and the turn goes on", (signal) =>
    withProduct(async (product) => {
      play(product, { text: "word ".repeat(40), rate: 60 });
      const shell = await openShell(product);
      shell.type('"$CRUSH"\r');
      await shell.shows("What shall we work on?");
      shell.type("say much\r");
      await shell.shows("word word");
      process.kill(clientOf(product), signal);
      await shell.shows((text) => text.trimEnd().endsWith("ready>"));
      expect(isClean(shell)).toEqual({ ...clean(40), bracketedPaste: true }); // bash's own
      shell.type("stty -a; echo en''d\r");
      await shell.shows("end");
      expect(shell.text()).toMatch(/ icanon/);
      expect(shell.text()).toMatch(/ echo /);
      shell.type('"$CRUSH" -C\r');
      await shell.shows("◇ large-one");
      expect(asked(product)).toHaveLength(1);
    }),
  );

  test("killed by SIGKILL it cannot mend the terminal, and the next start does", () =>
    withProduct(async (product) => {
      play(product, { words: 5 });
      const shell = await openShell(product);
      shell.type('"$CRUSH"\r');
      await shell.shows("What shall we work on?");
      process.kill(clientOf(product), "SIGKILL");
      await until(() => !product.processes().some(({ command }) => command.includes("/dist/cli.cjs")));
      await shell.shows("Killed");
      expect(isClean(shell)).not.toMatchObject({ buffer: "normal" });
      shell.type('"$CRUSH"\r');
      await shell.shows("What shall we work on?");
      shell.type("\x03\x03");
      await shell.shows((text) => text.trimEnd().endsWith("ready>"));
      expect(isClean(shell)).toEqual({ ...clean(40), bracketedPaste: true });
      shell.type("stty -a; echo en''d\r");
      await shell.shows("end");
      expect(shell.text()).toMatch(/ icanon/);
    }));

  test("suspended by ctrl+z it gives the terminal to the shell, and after fg shows what happened meanwhile", () =>
    withProduct(async (product) => {
      play(product, { text: `${"word ".repeat(30)}the last word`, rate: 60 });
      const shell = await openShell(product);
      shell.type('"$CRUSH"\r');
      await shell.shows("What shall we work on?");
      shell.type("say much\r");
      await shell.shows("word word");
      shell.type("\x1a");
      await shell.shows((text) => text.trimEnd().endsWith("ready>"));
      expect(isClean(shell)).toEqual({ ...clean(40), bracketedPaste: true });
      shell.type("echo a job wai''ts\r");
      await shell.shows("a job waits");
      await until(() => asked(product)[0]!.closed);
      shell.type("fg\r");
      await shell.shows("the last word");
      shell.type("typed after fg");
      await shell.shows("> typed after fg");
      shell.type("\x1a");
      await shell.shows((text) => text.trimEnd().endsWith("ready>"));
      shell.type("fg\r");
      await shell.shows("> typed after fg");
    }));

  test("in inline mode the transcript stays in the scrollback, each block once and in order, and the shell's prompt comes below it", () =>
    withProduct(async (product) => {
      const answer = (name: string) => ({ text: Array.from({ length: 50 }, (_, i) => `- ${name} line ${i}`).join("\n"), rate: 400 });
      play(product, answer("first"), { tools: [{ name: "ls", arguments: "{}" }] }, answer("second"));
      const shell = await openShell(product);
      shell.type("echo before\r");
      await shell.shows(/^before$/m);
      shell.type('"$CRUSH" --inline\r');
      await shell.shows("What shall we work on?");
      shell.type("one\r");
      await shell.shows("first line 49");
      await shell.shows("Ask, or say");
      shell.type("two\r");
      await shell.shows("second line 49");
      await shell.shows("Ask, or say");
      shell.type("\x03\x03");
      await shell.shows((text) => text.trimEnd().endsWith("ready>"));
      const all = [...shell.oracle.scrollback(), ...shell.lines()].join("\n").trimEnd();
      const wanted = ["before", "┃ one"];
      for (const name of ["first", "second"]) {
        if (name === "second") wanted.push("┃ two", "List .");
        for (let i = 0; i < 50; i++) wanted.push(`${name} line ${i}\n`);
        wanted.push("◇ large-one");
      }
      wanted.push("ready>");
      let at = 0;
      for (const each of wanted) {
        const found = all.indexOf(each, at);
        expect(found, `${JSON.stringify(each)} after ${JSON.stringify(all.slice(Math.max(0, at - 40), at))}`).toBeGreaterThanOrEqual(0);
        at = found + each.length;
      }
      for (const each of wanted.slice(3, -1)) if (each.includes("line")) expect(all.split(each), each).toHaveLength(2);
      // Nothing of the live region is left, and no gap before the prompt.
      expect(all).not.toContain("Ask, or say");
      expect(all.split("\n").slice(-6).join("\n")).not.toMatch(/\n\n\n\n/);
      expect(isClean(shell)).toEqual({ ...clean(40), bracketedPaste: true });
    }));
});

describe.concurrent("the server", () => {
  test("killed while an answer streams, it comes back by itself: what was committed is shown, keys are kept, the turn can be resumed", () =>
    withProduct(async (product) => {
      play(product, { text: "finished answer" }, long, { text: "resumed answer" });
      const tty = openPty(product, []);
      tty.type("first\r");
      await tty.shows("◇ large-one");
      tty.type("second\r");
      await tty.shows("w20");
      const { pid, epoch } = product.discovery()!;
      process.kill(pid, "SIGKILL");
      await until(() => !product.processes().some((each) => each.pid === pid));
      for (const key of "kept keys") {
        tty.type(key);
        await sleep(5);
      }
      await tty.shows("Interrupted");
      await tty.shows("> kept keys");
      expect(product.discovery()!.epoch).not.toBe(epoch);
      for (const each of ["┃ first", "finished answer", "┃ second", "w0 w1"]) expect(tty.text()).toContain(each);
      tty.type("\x15"); // ctrl+u
      await tty.hides("kept keys");
      tty.type("/resume\r");
      await tty.shows("resumed answer");
      tty.type("\x03\x03");
      expect(await tty.exited).toMatchObject({ exitCode: 0 });
      expect(isClean(tty)).toEqual(clean(40));
    }));

  test("killed again and again, two terminals come back each time", () =>
    withProduct(async (product) => {
      play(product, { words: 5 });
      const first = openPty(product, []);
      first.type("hello\r");
      await first.shows("◇ large-one");
      const second = openPty(product, ["-C"], { cols: 80, rows: 24 });
      await second.shows("◇ large-one");
      for (let round = 0; round < 2; round++) {
        const { pid } = product.discovery()!;
        process.kill(pid, "SIGKILL");
        await until(() => !product.processes().some((each) => each.pid === pid));
        for (const tty of [first, second]) {
          tty.type(`x${round}`);
          await tty.shows(new RegExp(`> .*x${round}`));
          await tty.shows("┃ hello");
        }
      }
    }));

  test("stopped while a terminal is attached, it is started again", () =>
    withProduct(async (product) => {
      const tty = openPty(product, []);
      await tty.shows("What shall we work on?");
      const { epoch } = product.discovery()!;
      expect((await product.run(["server", "stop"])).code).toBe(0);
      await until(() => product.discovery() !== undefined && product.discovery()!.epoch !== epoch);
      tty.type("still here");
      await tty.shows("> still here");
    }));
});
