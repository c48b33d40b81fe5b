// The screen plane: the server lays out, paints and diffs; the client writes bytes of a closed grammar (patch-grammar.ts).

/**
 * full: alternate screen with own scrolling. inline: finished blocks go once to the terminal's scrollback, a small region stays live.
 * plain: lines that are only ever added, without a control sequence, and input by whole lines: for screen readers and dumb terminals.
 */
export type ScreenMode = "full" | "inline" | "plain";

export type TerminalTraits = {
  /** $TERM and $TERM_PROGRAM: for the log, and to leave out what a terminal is known not to do. */
  name: string;
  colours: "none" | "16" | "256" | "true";
  /** Background is light: themes choose by it. */
  light?: boolean;
};

/** Client to server: keyboard, mouse and paste bytes as the terminal gave them. */
export type Input = { type: "input"; screen: number; bytes: Uint8Array };
/** Client to server. */
export type Resize = { type: "resize"; screen: number; cols: number; rows: number };
/** Client to server: patch `seq` has been written to the terminal. */
export type Ack = { type: "ack"; screen: number; seq: number };
/** Client to server: the terminal's content is unknown (resume after suspend, ctrl+l): send a patch with base 0. */
export type Repaint = { type: "repaint"; screen: number };
/** Client to server: the terminal gained or lost focus. */
export type Focus = { type: "focus"; screen: number; focused: boolean };

/** Server to client: takes the screen from frame `base` to frame `seq`. `base` 0 means: clear first. Unacknowledged = in flight. */
export type Patch = { type: "patch"; screen: number; base: number; seq: number; bytes: Uint8Array };

/**
 * Server to client: what only the owner of the terminal may do. The client sanitises `text` and decides; a server cannot
 * make it do anything else. session: what the screen shows now, `text` is its id (absent: none), so that a client that connects
 * again asks for the same. echo: of what is typed from now on nothing is shown (`on` false: a secret), plain mode only. quit: leave, `text` is a farewell line (resume hint). copy: to the clipboard on a user's
 * action, at most 100 KiB. mode: how the mouse is captured. editor: open $EDITOR on `text`, answer with `editor.done`.
 */
export type Effect = {
  type: "effect";
  screen: number;
  effect: "session" | "quit" | "copy" | "title" | "notify" | "bell" | "suspend" | "mouse" | "editor" | "echo";
  text?: string;
  on?: boolean;
  /** Of notify: how, by the user's configuration. */
  style?: "auto" | "native" | "osc" | "bell";
};
