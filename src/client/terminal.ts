import fs from "node:fs";
import path from "node:path";
import type { ScreenMode, TerminalTraits } from "../protocol/screen.ts";
import { alive } from "./alive.ts";
import { childProcess } from "./child-process.ts";
import { notification, notifyNatively, type NotifyStyle } from "./notify.ts";

// The client is the one owner of the terminal: raw mode, modes, title, clipboard, and one restore sequence on every way out.

const csi = "\x1b[";
/** Bracketed paste, focus reports, kitty keys (disambiguate). Terminals ignore what they do not know. */
const modesOn = `${csi}?2004h${csi}?1004h${csi}>1u`;
const mouseOn = `${csi}?1000h${csi}?1002h${csi}?1006h`;
const mouseOff = `${csi}?1006l${csi}?1002l${csi}?1000l`;
/**
 * Ends whatever a frame may have left open, then every mode that we or a killed client may have set. The cursor stays where it is: to
 * lift the margins would send it home.
 */
const modesOff = `${csi}?2026l\x1b7${csi}r\x1b8${csi}0m\x1b]8;;\x1b\\${mouseOff}${csi}?1004l${csi}?2004l${csi}<u${csi}?25h`;

/** Longest text that goes to the clipboard: terminals cut or refuse longer OSC 52 strings. */
export const clipboardBytesMax = 100 << 10;
const titleCharsMax = 64;
const notificationCharsMax = 200;

/** Control, bidi and invisible characters have no business in a title or a notification. */
export function plainLine(text: string, charsMax: number): string {
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu, "");
  return [...clean].slice(0, charsMax).join("");
}

/** What the environment says about the terminal. Nothing is asked of the terminal itself: an answer would race with keys. */
export function terminalTraits(env: NodeJS.ProcessEnv): TerminalTraits {
  const name = [env.TERM_PROGRAM, env.TERM].filter(Boolean).join(" ") || "unknown";
  let colours: TerminalTraits["colours"] = "16";
  if (env.NO_COLOR) colours = "none";
  else if (/truecolor|24bit/i.test(env.COLORTERM ?? "") || /(kitty|ghostty|alacritty|foot|wezterm|iterm)/i.test(name)) colours = "true";
  else if (/256/.test(env.TERM ?? "")) colours = "256";
  else if (env.TERM === "dumb") colours = "none";
  // COLORFGBG is "foreground;background"; 7 and above 8 are light.
  const background = Number(env.COLORFGBG?.split(";").at(-1));
  const light =
    env.CRUSH_THEME === "light" || (env.CRUSH_THEME === undefined && (background === 7 || (background > 8 && background <= 15)));
  return { name, colours, ...(light ? { light } : {}) };
}

/** Takes the terminal over and gives it back. Everything is written synchronously, so that nothing is lost at exit. */
export class Terminal {
  readonly mode: ScreenMode;
  private taken = false;
  private mouse: boolean;
  private readonly marker: string;
  private early: Buffer = Buffer.alloc(0);

  /** @param directory private directory for the mark that tells the next start that this one was killed */
  constructor(mode: ScreenMode, directory: string) {
    this.mode = mode;
    this.mouse = mode === "full";
    this.marker = path.join(directory, `tty-${terminalName().replaceAll(/[^\w]/g, "_")}`);
  }

  size(): { cols: number; rows: number } {
    return { cols: process.stdout.columns || 80, rows: process.stdout.rows || 24 };
  }

  /** Mends what a client that was killed left behind: line discipline and modes. */
  mend(): boolean {
    if (this.mode === "plain") return false;
    let pid: number;
    try {
      pid = Number(fs.readFileSync(this.marker, "utf8"));
    } catch {
      return false;
    }
    if (pid === process.pid || alive(pid)) return false;
    childProcess().spawnSync("stty", ["sane"], { stdio: ["inherit", "ignore", "ignore"] });
    this.write(`${modesOff}${csi}?1049l`);
    fs.rmSync(this.marker, { force: true });
    return true;
  }

  take(): void {
    if (this.taken) return;
    this.taken = true;
    // The terminal goes on editing lines itself, and no mode of it is touched.
    if (this.mode === "plain") return;
    try {
      fs.writeFileSync(this.marker, String(process.pid), { mode: 0o600 });
    } catch {}
    process.stdin.setRawMode?.(true);
    this.early = typedBefore();
    this.write((this.mode === "full" ? `${csi}?1049h` : "") + modesOn + (this.mouse ? mouseOn : ""));
  }

  /** What was typed before the terminal was ours, once. */
  typeAhead(): Buffer {
    const early = this.early;
    this.early = Buffer.alloc(0);
    return early;
  }

  /**
   * Idempotent; safe in an exit handler. Inline, the shell's prompt comes below everything, or, when a last frame has placed the
   * cursor, where that is.
   */
  restore(cursor: "placed" | "anywhere" = "anywhere"): void {
    if (!this.taken) return;
    this.taken = false;
    if (this.mode === "plain") {
      this.echo(true);
      return;
    }
    const inline = cursor === "placed" ? `\r${csi}J` : `${csi}${this.size().rows};1H\r\n`;
    this.write(modesOff + (this.mode === "full" ? `${csi}?1049l` : inline));
    try {
      process.stdin.setRawMode?.(false);
    } catch {}
    fs.rmSync(this.marker, { force: true });
  }

  setMouse(on: boolean): void {
    this.mouse = on;
    this.write(on ? mouseOn : mouseOff);
  }

  /** Plain mode: whether the terminal shows what is typed. */
  echo(on: boolean): void {
    try {
      process.stdin.setRawMode?.(!on);
    } catch {}
  }

  /** OSC 52. Terminals may refuse it silently, so the UI says "sent". */
  copy(text: string): void {
    const bytes = Buffer.from(text);
    if (bytes.length > clipboardBytesMax) return;
    this.write(`\x1b]52;c;${bytes.toString("base64")}\x1b\\`);
  }

  title(text: string): void {
    this.write(`\x1b]2;${plainLine(text, titleCharsMax)}\x1b\\`);
  }

  /** Tells somebody who looks elsewhere. What of this is bytes for the terminal is decided here, never by the server. */
  notify(text: string, style: NotifyStyle): void {
    const clean = plainLine(text, notificationCharsMax);
    const tell = (how: Exclude<NotifyStyle, "native">): void => {
      if (this.taken) this.write(notification(clean, how, process.env));
    };
    if (style !== "native") tell(style);
    else if (!notifyNatively(clean, () => tell("auto"))) tell("auto");
  }

  bell(): void {
    this.write("\x07");
  }

  /**
   * Bytes of a checked patch. A terminal is written to synchronously by Node too, so this goes past its stream, at a third of
   * the cost; the stream takes what a terminal that does not wait had no room for.
   */
  patch(bytes: Uint8Array, written: () => void): void {
    let at = 0;
    if (process.platform !== "win32" && process.stdout.writableLength === 0) {
      try {
        while (at < bytes.length) at += fs.writeSync(1, bytes, at);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") at = bytes.length; // the terminal is gone
      }
    }
    if (at === bytes.length) written();
    else process.stdout.write(bytes.subarray(at), () => written());
  }

  private write(text: string): void {
    try {
      fs.writeSync(1, text);
    } catch {
      // The terminal is gone; there is nobody to restore it for.
    }
  }
}

/** Longer lines than this the kernel does not keep for us. */
const typeAheadBytesMax = 4_096;

/**
 * Keys that came while the terminal still had its line discipline: it made a line feed of each enter, and that would be a new line
 * in the editor. Read apart, so that a later ctrl+j stays what it is.
 */
function typedBefore(): Buffer {
  let tty: number | undefined;
  try {
    // Opened anew: not to block would otherwise hold for the shell's descriptor too.
    tty = fs.openSync("/dev/tty", fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY);
    const bytes = Buffer.alloc(typeAheadBytesMax);
    return bytes.subarray(0, fs.readSync(tty, bytes)).map((byte) => (byte === 0x0a ? 0x0d : byte)) as Buffer;
  } catch {
    return Buffer.alloc(0);
  } finally {
    if (tty !== undefined) fs.closeSync(tty);
  }
}

function terminalName(): string {
  try {
    return fs.readlinkSync("/proc/self/fd/0");
  } catch {
    return process.env.TERM_SESSION_ID ?? String(process.ppid);
  }
}
