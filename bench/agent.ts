// The whole agent as a person has it: start-up, CPU, bytes, echo and memory, all processes counted. No floor: these are times of this
// machine, not ratios. Prints the figures of the README.
//   node bench/run.ts agent           or with --seconds 5 for a short stream: node bench/agent.ts --seconds 5
import fs from "node:fs";
import { parseArgs } from "node:util";
import { openProduct, type Product, sleep } from "../test/support/product.ts";
import { openPty } from "../test/support/pty.ts";
import { smoke } from "./harness.ts";
import { publish, value } from "./report.ts";

const { values } = parseArgs({
  options: { seconds: { type: "string", default: smoke ? "3" : "15" }, runs: { type: "string", default: smoke ? "1" : "3" } },
  strict: false,
});
const seconds = Number(values.seconds);
const runs = Number(values.runs);
const rate = 100;

const median = (list: number[], at = 0.5): number =>
  list.toSorted((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * at))]!;

/** CPU seconds of processes, their ended children included. */
function cpuOf(pids: number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    try {
      const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      for (const at of [11, 12, 13, 14]) ticks += Number(fields[at]);
    } catch {}
  }
  return ticks / 100;
}

/** Memory in MB, shared pages counted once. */
function memoryOf(pids: number[]): number {
  let kilobytes = 0;
  for (const pid of pids) {
    try {
      kilobytes += Number(/^Pss:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0);
    } catch {}
  }
  return kilobytes / 1024;
}

async function ready(product: Product): Promise<number> {
  const from = performance.now();
  const tty = openPty(product, []);
  tty.type("Z");
  await tty.shows(/> Z/);
  const ms = performance.now() - from;
  tty.kill("SIGKILL");
  await tty.exited;
  return ms;
}

async function headless(product: Product): Promise<number> {
  const from = performance.now();
  const { code } = await product.run(["run", "go"]);
  if (code !== 0) throw new Error(`crush run ended with ${code}`);
  return performance.now() - from;
}

const times = async (measure: () => Promise<number>, before?: () => Promise<unknown>): Promise<number> => {
  const list: number[] = [];
  for (let at = 0; at < runs; at++) {
    await before?.();
    list.push(await measure());
  }
  return median(list);
};

/** Markdown as models write it: headings, paragraphs, lists, code, wide characters. */
function answer(words: number): string {
  let text = "";
  for (let at = 0; at < words; at++) {
    const place = at % 120;
    const word = ["the", "reader", "keeps", "each", "piece", "until", "its", "line", "is", "whole"][at % 10]!;
    if (place === 0) text += `${at === 0 ? "" : "\n\n"}## Part ${at / 120 + 1}\n\n${word}`;
    else if (place === 30 || place === 38) text += `\n- **${word}**`;
    else if (place === 50) text += `\n\n\`\`\`ts\nconst ${word} = 1;`;
    else if (place > 50 && place < 70 && place % 5 === 0) text += `\nfunction ${word}_${place}() { return "${word}"; }`;
    else if (place === 70) text += `\n\`\`\`\n\n${word}`;
    else text += place === 90 ? ` 你好 🙂 ${word}` : ` ${word}`;
  }
  return text;
}

await using product = await openProduct();
const pids = (): number[] => product.processes().map(({ pid }) => pid);
product.simulator.play({ words: 200 });
await headless(product);
const stop = () => product.run(["server", "stop"]);
const figures: Record<string, number> = {};
figures["headless 200 words, warm, ms"] = await times(() => headless(product));
figures["headless 200 words, cold, ms"] = await times(() => headless(product), stop);
figures["typed key echoed, cold, ms"] = await times(() => ready(product), stop);
figures["typed key echoed, attached, ms"] = await times(() => ready(product));

product.simulator.play({ text: answer(rate * seconds), rate });
const tty = openPty(product, []);
await tty.shows("What shall we work on?");
await sleep(3_000);
// The simulator is in this process, which does not count: only what carries the product's mark does.
figures["memory idle, MB"] = memoryOf(pids());
const idleFrom = cpuOf(pids());
await sleep(3_000);
figures["CPU idle, %"] = ((cpuOf(pids()) - idleFrom) / 3) * 100;

const stream = async (typing: boolean): Promise<number[]> => {
  const echoes: number[] = [];
  tty.type("go\r");
  await tty.shows("Answering");
  await sleep(1_000);
  for (let at = 0; typing && at < 24 && /Answering/.test(tty.text()); at++) {
    const letter = "QXJK"[at % 4]!;
    const from = performance.now();
    tty.type(letter);
    await tty.shows((text) => text.includes(`> ${"QXJK".repeat(8).slice(0, at + 1)}`));
    echoes.push(performance.now() - from);
    await sleep(200);
  }
  for (const from = performance.now(); performance.now() - from < (seconds + 5) * 1_000 && /Answering/.test(tty.text()); ) await sleep(100);
  return echoes;
};
const [cpu, bytes] = [cpuOf(pids()), tty.bytes()];
await stream(false);
figures[`CPU for ${seconds} s at ${rate} words/s, s`] = cpuOf(pids()) - cpu;
figures["bytes to the terminal, KB"] = (tty.bytes() - bytes) / 1_000;
const echoes = await stream(true);
figures["echo while streaming, median, ms"] = median(echoes);
figures["echo while streaming, p95, ms"] = median(echoes, 0.95);

const fastWords = 5_000;
product.simulator.play({ text: answer(fastWords) });
const fastFrom = cpuOf(pids());
await stream(false);
await tty.quiet(800);
figures[`CPU for ${fastWords} words at full speed, s`] = cpuOf(pids()) - fastFrom;
figures["their last byte from the provider to the last on the terminal, ms"] =
  tty.lastOutput() - product.simulator.seen.at(-1)!.answeredAt!;
figures["memory after all of it, MB"] = memoryOf(pids());
tty.kill("SIGKILL");

const told = Object.entries(figures).map(([name, amount]) => {
  const [, what, unit] = /^(.*), (\S+)$/.exec(name)!;
  return value(what!, amount, unit!);
});
publish("agent", [{ claim: "the whole agent", smoke, rounds: runs, figures: [], values: told, notes: {}, ok: true }]);
