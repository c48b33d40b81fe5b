import fs from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { openProduct, type Product, sleep } from "../support/product.ts";
import { asked, openPty, play } from "../support/pty.ts";
import type { Script, Seen } from "../support/simulator.ts";

// Agents, plans, questions and the user's own commands, in the product as it is installed.

const typingPauseMs = 520;
const call = (name: string, input: unknown): Script => ({ tools: [{ name, arguments: JSON.stringify(input) }] });
const isAgent = ({ raw }: Seen): boolean => raw.includes("You read and change nothing");

async function withProduct(run: (product: Product) => Promise<void>): Promise<void> {
  await using product = await openProduct();
  await run(product);
}
const lastAsked = (product: Product): string => JSON.stringify(asked(product).at(-1)!.body.messages);

describe.concurrent("work", () => {
  test("crush run gives a task to an agent, which reads files and answers; both are paid", () =>
    withProduct(async (product) => {
      fs.writeFileSync(path.join(product.workspace, "parser.ts"), "export const parser = 1;\n");
      let main = 0;
      let agent = 0;
      product.simulator.play((seen) => {
        if (isAgent(seen)) return agent++ === 0 ? call("grep", { pattern: "parser" }) : { text: "It is in parser.ts." };
        return main++ === 0 ? call("agent", { prompt: "Where is the parser?" }) : { text: "Found it." };
      });
      const { code, stdout } = await product.run(["run", "--format", "json", "find the parser"]);
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ status: "ok", text: expect.stringContaining("Found it.") });
      const [own, work] = [product.simulator.seen.filter((seen) => !isAgent(seen)), product.simulator.seen.filter(isAgent)];
      expect(work).toHaveLength(2);
      expect(work[1]!.raw).toContain("parser.ts");
      expect(JSON.stringify(own.at(-1)!.body.messages)).toContain("It is in parser.ts.");
      const { stdout: list } = await product.run(["session", "list", "--json"]);
      expect(JSON.parse(list)).toHaveLength(1);
    }));

  test("an agent of the user's own is offered and used; one of the project's is not before it is trusted", () =>
    withProduct(async (product) => {
      const put = (directory: string, name: string, prompt: string): void => {
        fs.mkdirSync(directory, { recursive: true });
        fs.writeFileSync(
          path.join(directory, `${name}.md`),
          `---\nname: ${name}\ndescription: ${name} things\ntools: Read\n---\n${prompt}`,
        );
      };
      put(path.join(product.env.HOME!, ".claude/agents"), "mine", "You are mine.");
      put(path.join(product.workspace, ".claude/agents"), "theirs", "You are theirs.");
      const offered = (): string => JSON.stringify(product.simulator.seen.at(-1)!.body.tools);
      product.simulator.play({ text: "ok" });
      await product.run(["run", "hi"]);
      expect(offered()).toContain("- mine: mine things");
      expect(offered()).not.toContain("theirs");
      await product.run(["run", "--trust-project", "hi"]);
      expect(offered()).toContain("- theirs: theirs things");
      let step = 0;
      product.simulator.play(() => (step++ === 0 ? call("agent", { prompt: "go", agent: "mine" }) : { text: "ok" }));
      await product.run(["run", "hi"]);
      expect(product.simulator.seen.some(({ raw }) => raw.includes("You are mine."))).toBe(true);
      expect(product.simulator.seen.some(({ raw }) => raw.includes("You are theirs."))).toBe(false);
    }));

  test("crush run --plan changes nothing, answers with a plan, and the session stays in plan mode until --no-plan", () =>
    withProduct(async (product) => {
      const write = call("write", { file_path: "made.txt", content: "x\n" });
      product.simulator.play(write, { text: "1. Write made.txt" });
      const planned = await product.run(["run", "--plan", "--yolo", "make it"]);
      expect(planned).toMatchObject({ code: 0, stdout: "1. Write made.txt\n" });
      expect(fs.existsSync(path.join(product.workspace, "made.txt"))).toBe(false);
      expect(JSON.stringify(product.simulator.seen.at(-1)!.body.messages)).toContain("Plan mode: write was not run");
      product.simulator.play(write, { text: "Done." });
      expect((await product.run(["run", "-C", "--no-plan", "go"])).stdout).toBe("Done.\n");
      expect(fs.existsSync(path.join(product.workspace, "made.txt"))).toBe(true);
    }));

  test("in the terminal a plan is shown and approved, a question is answered, and both reach the model", () =>
    withProduct(async (product) => {
      play(
        product,
        call("question", {
          questions: [{ type: "single_choice", question: "Which colour?", choices: [{ label: "Red" }, { label: "Blue" }] }],
        }),
        call("present_plan", { plan: "## The plan\n\n- paint it" }),
        { text: "Painted." },
      );
      const tty = openPty(product, []);
      tty.type("\x1b[Z");
      await tty.shows("plan mode: nothing is changed");
      tty.type("paint it\r");
      await tty.shows("Which colour?");
      await sleep(typingPauseMs);
      tty.type("2");
      await tty.shows("nothing is changed until you approve it");
      expect(lastAsked(product)).toContain("→ Blue");
      await sleep(typingPauseMs);
      tty.type("a");
      await tty.shows("Painted.");
      expect(lastAsked(product)).toContain("The user approved the plan");
      expect(asked(product).at(-1)!.raw).not.toContain("Plan mode is on");
    }));

  test("a command after ! runs without the model, which reads what it printed with the next prompt", () =>
    withProduct(async (product) => {
      play(product, { text: "I see it." });
      const tty = openPty(product, []);
      tty.type("!echo out-$((40+2)); exit 3\r");
      await tty.shows("exit code 3");
      expect(tty.text()).toContain("out-42");
      expect(product.simulator.seen).toHaveLength(0);
      tty.type("what happened?\r");
      await tty.shows("I see it.");
      expect(lastAsked(product)).toContain("out-42");
      tty.type("/jobs\r");
      await tty.shows("Background jobs");
    }));

  test("words for the running turn are with the model at its next step", () =>
    withProduct(async (product) => {
      play(product, call("bash", { description: "waits", command: "sleep 1.5" }), { text: "Understood." });
      const tty = openPty(product, ["--yolo"]);
      tty.type("begin\r");
      await tty.shows("sleep 1.5");
      tty.type("and be quick\x1bs");
      await tty.shows("Understood.");
      const messages = asked(product).at(-1)!.body.messages;
      expect(messages.map(({ role }) => role).slice(-3)).toEqual(["assistant", "tool", "user"]);
      expect(JSON.stringify(messages.at(-1))).toContain("and be quick");
    }));
});
