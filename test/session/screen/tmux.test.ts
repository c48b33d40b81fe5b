// The same screens in a real tmux: its scrollback, its reflow, its idea of what a patch means.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import type { ScreenMode } from "../../../src/protocol/index.ts";
import { Attached } from "./rig.ts";

const hasTmux = spawnSync("tmux", ["-V"]).status === 0;
const undo: (() => void)[] = [];
afterEach(() => {
  for (const run of undo.splice(0).reverse()) run();
});

/** A tmux of `cols` x `rows` whose one pane shows what is written to it. */
function openTmux(cols: number, rows: number) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "crush-tmux-"));
  const fifo = path.join(dir, "bytes");
  const tmux = (...args: string[]): string => {
    const run = spawnSync("tmux", ["-S", path.join(dir, "socket"), "-f", "/dev/null", ...args], { encoding: "utf8" });
    if (run.status !== 0) throw new Error(`tmux ${args[0]}: ${run.stderr}`);
    return run.stdout;
  };
  spawnSync("mkfifo", [fifo]);
  tmux("new-session", "-d", "-x", String(cols), "-y", String(rows), `stty raw -echo; cat ${fifo}; sleep 60`);
  tmux("set-option", "-g", "status", "off");
  tmux("resize-window", "-x", String(cols), "-y", String(rows));
  undo.push(() => {
    try {
      tmux("kill-server");
    } catch {}
    fs.rmSync(dir, { recursive: true, force: true });
  });
  // Opened for both, so that a pane that never starts cannot block it.
  const fd = fs.openSync(fifo, "r+");
  undo.push(() => fs.closeSync(fd));
  const capture = (all: boolean): string[] =>
    tmux("capture-pane", "-p", ...(all ? ["-S", "-"] : []))
      .split("\n")
      .map((line) => line.trimEnd());
  return {
    write: (bytes: Uint8Array) => fs.writeSync(fd, bytes),
    capture,
    /** The lines once one of them is `wanted`; tmux reads at its own pace. */
    async until(wanted: string, all = true): Promise<string[]> {
      for (let i = 0; i < 400; i++) {
        const lines = capture(all);
        if (lines.includes(wanted)) return lines.filter((line) => line !== "");
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(`tmux never showed ${wanted}: ${JSON.stringify(capture(all))}`);
    },
    resize: (width: number, height: number) => tmux("resize-window", "-x", String(width), "-y", String(height)),
  };
}

function attach(mode: ScreenMode, cols: number, rows: number) {
  const tmux = openTmux(cols, rows);
  if (mode === "full") tmux.write(new TextEncoder().encode("\x1b[?1049h"));
  const it = new Attached({ mode, cols, rows, term: { name: "tmux-256color", colours: "256" } });
  let written = 0;
  const flush = () => {
    it.settle();
    for (; written < it.patches.length; written++) tmux.write(it.patches[written]!.bytes);
  };
  return { tmux, it, flush };
}

test.skipIf(!hasTmux)("inline in tmux: after commits and a resize its history holds every committed line once, in order", async () => {
  const { tmux, it, flush } = attach("inline", 60, 15);
  const all: string[] = [];
  const commit = (count: number) => {
    for (let i = 0; i < count; i++) {
      all.push(`c${all.length} 漢字`);
      it.view.commit(all.at(-1)!);
    }
    flush();
  };
  flush();
  for (const count of [1, 5, 40, 2]) commit(count);
  it.type("before");
  flush();
  await tmux.until("> before");
  for (const [cols, rows, typed] of [
    [40, 15, " narrow"],
    [80, 24, " wide"],
    [80, 10, " low"],
  ] as const) {
    tmux.resize(cols, rows);
    it.screen.resize(cols, rows);
    commit(3);
    it.type(typed);
    flush();
    await tmux.until(`> ${it.view.edited}`);
  }
  expect(await tmux.until("> before narrow wide low")).toEqual([...all, "live 0", "live 1", "> before narrow wide low"]);
});

test.skipIf(!hasTmux)("full in tmux: a transcript that scrolls, with wide characters and clusters, looks as in xterm.js", async () => {
  const { tmux, it, flush } = attach("full", 60, 15);
  for (let i = 0; i < 60; i++) {
    it.view.say(`line ${i * 7919} 漢字 é ${"─".repeat(i % 20)} end`);
    if (i % 2 === 0) flush();
  }
  it.type("done");
  flush();
  expect(await tmux.until("> done", false)).toEqual(it.terminal.lines().filter((line) => line !== ""));
});
