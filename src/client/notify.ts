import { childProcess } from "./child-process.ts";

export type NotifyStyle = "auto" | "native" | "osc" | "bell";
type Env = Readonly<Record<string, string | undefined>>;

const bell = "\x07";

/**
 * Bytes that make this terminal tell its user something. Which terminal it is the environment says: none is asked. `text` is clean
 * already (plainLine). Forms: OSC 9 (iTerm2, Ghostty, WezTerm, Windows Terminal, Konsole), OSC 99 (kitty), OSC 777 (foot, urxvt); a bell
 * where nobody knows better, since an unknown OSC may be shown as text. tmux and screen keep an OSC for themselves, but pass a bell on.
 */
export function notification(text: string, style: Exclude<NotifyStyle, "native">, env: Env): string {
  if (style === "bell") return bell;
  const term = `${env.TERM_PROGRAM ?? ""} ${env.TERM ?? ""}`.toLowerCase();
  const multiplexed = env.TMUX !== undefined || env.STY !== undefined || /(^| )(tmux|screen)/.test(term);
  if (multiplexed && style === "auto") return bell;
  if (/kitty/.test(term) || env.KITTY_WINDOW_ID !== undefined) return `\x1b]99;;${text}\x1b\\`;
  // A semicolon would end the words.
  if (/foot|rxvt/.test(term)) return `\x1b]777;notify;Crush;${text.replaceAll(";", ",")}\x1b\\`;
  const known = /iterm|ghostty|wezterm|warp|rio|konsole/.test(term) || env.WT_SESSION !== undefined || env.KONSOLE_VERSION !== undefined;
  return known || style === "osc" ? `\x1b]9;${text}\x1b\\` : bell;
}

/** The desktop's own way; false where there is none. `failed` is called when it turns out not to work. The text is no part of a command. */
export function notifyNatively(text: string, failed: () => void): boolean {
  const run =
    process.platform === "darwin"
      ? ["osascript", "-e", 'on run {words}\ndisplay notification words with title "Crush"\nend run', text]
      : process.platform === "linux"
        ? ["notify-send", "--app-name=Crush", "--", "Crush", text]
        : undefined;
  if (!run) return false;
  const child = childProcess().spawn(run[0]!, run.slice(1), { stdio: "ignore", detached: true });
  child.on("error", failed);
  child.on("exit", (code) => {
    if (code !== 0) failed();
  });
  child.unref();
  return true;
}
