// A person at a terminal: a program in a real pty, its output in a terminal emulator, keys typed as bytes.
//
//   await using product = await openProduct();
//   const tty = openPty(product, ["-C"], { cols: 120, rows: 40 });
//   await tty.shows("What shall we work on?");
//   tty.type("hello\r");
import { type IPty, spawn } from "@lydell/node-pty";
import path from "node:path";
import { type Oracle, openTerminal } from "./terminal-oracle.ts";
import { type Product, sleep } from "./product.ts";
import type { Script, Seen } from "./simulator.ts";

/** Where src/cli/bin/crush is: as in product.ts. */
const installed = path.resolve(process.env.CRUSH_TEST_ROOT ?? path.join(import.meta.dirname, "../.."));
export const crush = path.join(installed, "src/cli/bin/crush");

export type PtyOptions = {
  cols?: number;
  rows?: number;
  cwd?: string;
  env?: Record<string, string | undefined>;
  /** Another program than crush: a shell, say. */
  command?: string;
};

export interface Pty {
  readonly process: IPty;
  readonly oracle: Oracle;
  /** Everything that came, byte for byte. */
  output(): Buffer;
  bytes(): number;
  /** When the last output came, in ms of performance.now(). */
  lastOutput(): number;
  /** Bytes as a keyboard sends them. */
  type(text: string): void;
  lines(): string[];
  text(): string;
  /** Resolves when the screen's text holds it, or the condition holds. */
  shows(wanted: string | RegExp | ((text: string) => boolean)): Promise<void>;
  /** Resolves when it is no longer there. */
  hides(wanted: string): Promise<void>;
  resize(cols: number, rows: number): void;
  kill(signal: NodeJS.Signals): void;
  /** No output for so long. */
  quiet(ms: number): Promise<void>;
  readonly exited: Promise<{ exitCode: number; signal?: number | undefined }>;
  readonly isOver: boolean;
}

/** How long a screen may take to show something before the test fails with what it showed instead. */
const patienceMs = 20_000;

export function openPty(product: Product, args: string[], options: PtyOptions = {}): Pty {
  const { cols = 120, rows = 40 } = options;
  const env: Record<string, string> = { ...product.env, TERM: "xterm-256color", COLORTERM: "truecolor" };
  for (const [name, value] of Object.entries(options.env ?? {}))
    if (value === undefined) delete env[name];
    else env[name] = value;
  const child = spawn(options.command ?? crush, args, { cols, rows, cwd: options.cwd ?? product.workspace, env, encoding: null });
  const oracle = openTerminal({ cols, rows });
  const pieces: Buffer[] = [];
  let count = 0;
  let last = performance.now();
  let over = false;
  let waiting: (() => void)[] = [];
  const wake = () => {
    const woken = waiting;
    waiting = [];
    for (const each of woken) each();
  };
  child.onData((data: Buffer | string) => {
    const bytes = Buffer.from(data as Buffer);
    pieces.push(bytes);
    count += bytes.length;
    last = performance.now();
    oracle.write(bytes);
    wake();
  });
  const exited = new Promise<{ exitCode: number; signal?: number | undefined }>((resolve) =>
    child.onExit((end) => {
      over = true;
      wake();
      resolve(end);
    }),
  );
  const text = () => oracle.lines().join("\n");
  const waitFor = async (holds: () => boolean, what: string) => {
    const until = performance.now() + patienceMs;
    while (!holds()) {
      const left = until - performance.now();
      if (left <= 0 || over) throw new Error(`${over ? "it ended" : "12 s passed"} without ${what}; the screen:\n${text()}`);
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([
        new Promise<void>((resolve) => waiting.push(resolve)),
        new Promise<void>((resolve) => (timer = setTimeout(resolve, left))),
      ]);
      clearTimeout(timer);
    }
  };
  return {
    process: child,
    oracle,
    exited,
    output: () => Buffer.concat(pieces),
    bytes: () => count,
    lastOutput: () => last,
    type: (typed) => child.write(typed),
    lines: () => oracle.lines(),
    text,
    shows: (wanted) =>
      waitFor(
        () => (typeof wanted === "string" ? text().includes(wanted) : wanted instanceof RegExp ? wanted.test(text()) : wanted(text())),
        `showing ${typeof wanted === "function" ? wanted.toString() : String(wanted)}`,
      ),
    hides: (wanted) => waitFor(() => !text().includes(wanted), `hiding ${wanted}`),
    resize(toCols, toRows) {
      oracle.resize(toCols, toRows);
      child.resize(toCols, toRows);
    },
    kill: (signal) => process.kill(child.pid, signal),
    async quiet(ms) {
      for (;;) {
        const left = ms - (performance.now() - last);
        if (left <= 0) return;
        await sleep(left);
      }
    },
    get isOver() {
      return over;
    },
  };
}

/** What the terminal of somebody who has left crush must be like: main screen, no mode left on, cursor shown, no style. */
export function isClean(tty: Pty): { [fact: string]: unknown } {
  const { buffer, modes, style, margins } = tty.oracle.state();
  return {
    buffer,
    bracketedPaste: modes.bracketedPasteMode,
    focus: modes.sendFocusMode,
    mouse: modes.mouseTrackingMode,
    synchronized: modes.synchronizedOutputMode,
    cursor: tty.oracle.cursor.visible,
    style: style.join(","),
    margins: margins.join(","),
  };
}

export const clean = (rows: number) => ({
  buffer: "normal",
  bracketedPaste: false,
  focus: false,
  mouse: "none",
  synchronized: false,
  cursor: true,
  style: "0,0,0",
  margins: `0,${rows - 1}`,
});

/** Answers of the large model, in order, the last one stays. The small one gives every session the same title. */
export function play(product: Product, ...scripts: Script[]): void {
  product.simulator.play((asked) => {
    if (asked.body.model === "small-one") return { text: "A title" };
    return scripts.length > 1 ? scripts.shift()! : scripts[0]!;
  });
}

/** What the large model was asked. */
export const asked = (product: Product): Seen[] => product.simulator.seen.filter((each) => each.body.model === "large-one");
