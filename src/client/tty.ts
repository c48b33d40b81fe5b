import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { checkPatch, type Effect, inputBytesMax, type Patch, patchesPerAck } from "../protocol/index.ts";
import type { Client, Screen } from "../sdk/index.ts";
import type { Terminal } from "./terminal.ts";
import { childProcess } from "./child-process.ts";

/** Whoever still runs so long after asking to be stopped was not. */
const notStoppedMs = 100;
/** Reads of one paste follow each other within this time; nobody types two lines in it. */
const pasteMs = 15;

export type AttachRequest = {
  client: Client;
  terminal: Terminal;
  open: Parameters<Client["screen"]>[0];
};

/** How the attachment ended: by the user's wish, or because something failed. */
export type AttachEnd = { farewell?: string; error?: string };

/**
 * Joins this terminal to a screen on the server until one of them leaves. Raw bytes go there, checked patches come back;
 * nothing else of the server's reaches the terminal. hot path: key -> input frame, patch -> check -> one write.
 * guarded by bench/agent.ts (echo while streaming <= 4 ms median).
 */
export function attach({ client, terminal, open }: AttachRequest): Promise<AttachEnd> {
  return new Promise((resolve) => {
    let screen: Screen;
    let opened = false;
    let ended = false;
    let acknowledged = 0;
    // Keys that are typed before the screen is open wait here: nothing typed is lost.
    let early: Buffer[] = [terminal.typeAhead()];

    // The terminal is somebody else's (a shell, an editor), or has been since the last whole frame: patches would hit the wrong screen.
    let away = false;
    let stale = false;

    const finish = (end: AttachEnd, cursor: "placed" | "anywhere" = "anywhere") => {
      if (ended) return;
      ended = true;
      process.stdin.off("data", onInput);
      process.stdout.off("resize", onResize);
      for (const [signal, handler] of handlers) process.off(signal, handler);
      process.stdin.pause();
      screen.close();
      terminal.restore(cursor);
      resolve(end);
    };

    const plain = terminal.mode === "plain";
    /** Lines of one paste come one by one and at once: together they are one entry. */
    let lines: Buffer[] = [];
    const onLines = (bytes: Buffer) => {
      lines.push(bytes);
      if (lines.length > 1) return;
      setTimeout(() => {
        const all = Buffer.concat(lines);
        lines = [];
        if (!ended) onKeys(all);
      }, pasteMs);
    };
    const onInput = plain ? onLines : (bytes: Buffer) => onKeys(bytes);
    const onKeys = (bytes: Buffer) => {
      if (bytes.length === 0) return;
      if (!opened) {
        early.push(bytes);
        return;
      }
      for (let at = 0; at < bytes.length; at += inputBytesMax) screen.input(bytes.subarray(at, at + inputBytesMax));
    };
    const onResize = () => {
      const { cols, rows } = terminal.size();
      screen.resize(cols, rows);
    };
    const onPatch = ({ bytes, base, seq }: Patch) => {
      if (away || (stale && base !== 0)) return written(base, seq);
      stale = false;
      const verdict = checkPatch(bytes);
      if (!verdict.ok) {
        finish({ error: `the server sent what a patch may not hold (${verdict.why} at byte ${verdict.at}); nothing of it was shown` });
        return;
      }
      terminal.patch(bytes, () => written(base, seq));
    };
    /** One acknowledgement for several patches; one at once for a fresh screen, which tells the server that we are here. */
    const written = (base: number, seq: number) => {
      if (base !== 0 && seq - acknowledged < patchesPerAck) return;
      acknowledged = seq;
      screen.ack(seq);
    };
    const onEffect = (effect: Effect) => {
      // Each of these is a control sequence, or of another way of typing.
      if (plain && effect.effect !== "quit" && effect.effect !== "echo" && effect.effect !== "bell") return;
      switch (effect.effect) {
        case "quit":
          // The last frame has put the cursor below what stays.
          return finish(effect.text ? { farewell: effect.text } : {}, "placed");
        case "copy":
          return terminal.copy(effect.text ?? "");
        case "title":
          return terminal.title(effect.text ?? "");
        case "notify":
          return terminal.notify(effect.text ?? "", effect.style ?? "auto");
        case "bell":
          return terminal.bell();
        case "mouse":
          return terminal.setMouse(effect.on ?? true);
        case "echo":
          if (plain) terminal.echo(effect.on ?? true);
          return;
        case "suspend":
          return suspend();
        case "editor":
          return edit(effect.text ?? "");
      }
    };

    const leave = () => {
      away = true;
      process.stdin.off("data", onInput);
      process.stdin.pause();
      terminal.restore();
    };
    /** Everything is painted anew: what was on the screen is gone. */
    const comeBack = () => {
      away = false;
      stale = true;
      terminal.take();
      onKeys(terminal.typeAhead());
      process.stdin.on("data", onInput);
      process.stdin.resume();
      onResize();
      screen.repaint();
    };

    /**
     * Gives the terminal back and stops, with whatever started us (npm, a script): the signal goes to the group, as the terminal's
     * own would. Where no shell could wake us the system ignores it, and we are back at once.
     */
    const suspend = () => {
      if (away) return;
      leave();
      const back = () => {
        process.off("SIGCONT", back);
        clearTimeout(timer);
        if (!ended && away) comeBack();
      };
      const timer = setTimeout(back, notStoppedMs);
      process.on("SIGCONT", back);
      process.kill(process.platform === "win32" ? process.pid : 0, "SIGTSTP");
    };

    /** Opens the user's editor on the prompt; what it saves comes back as one paste. */
    const edit = (text: string) => {
      const directory = fs.mkdtempSync(path.join(os.tmpdir(), "crush-edit-"));
      const file = path.join(directory, "prompt.md");
      fs.writeFileSync(file, text, { mode: 0o600, flag: "wx" });
      leave();
      const editor = process.env.VISUAL || process.env.EDITOR || "vi";
      const run = childProcess().spawnSync("/bin/sh", ["-c", `${editor} "$1"`, "sh", file], { stdio: "inherit" });
      const saved = run.status === 0 ? fs.readFileSync(file, "utf8") : text;
      fs.rmSync(directory, { recursive: true, force: true });
      comeBack();
      const paste = saved.replace(/\n$/, "").replaceAll("\x1b", "");
      if (paste !== "") screen.input(Buffer.from(`\x1b[200~${paste}\x1b[201~`));
    };

    // Every way out restores the terminal. SIGKILL is mended by the next start.
    const handlers: [NodeJS.Signals, () => void][] = (["SIGTERM", "SIGHUP", "SIGINT"] as const).map((signal) => [
      signal,
      // In plain mode ctrl+c is no key: the terminal makes a signal of it.
      () => (plain && signal === "SIGINT" && opened ? onKeys(Buffer.from("\x03")) : finish({})),
    ]);
    for (const [signal, handler] of handlers) process.on(signal, handler);
    process.once("exit", () => terminal.restore());
    process.once("uncaughtException", (error) => {
      terminal.restore();
      process.stderr.write(`crush: ${error.stack}\n`);
      process.exit(1);
    });

    process.stdin.on("data", onInput);
    process.stdin.on("end", () => finish({}));
    process.stdout.on("resize", onResize);
    screen = client.screen(open, {
      onPatch,
      onEffect,
      onError: (error) => finish({ error: error.message }),
    });
    screen.opened.then(
      () => {
        opened = true;
        const keys = early;
        early = [];
        for (const bytes of keys) onKeys(bytes);
      },
      () => {},
    );
  });
}
