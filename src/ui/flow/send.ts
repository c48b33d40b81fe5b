import type { PromptFile } from "../../protocol/index.ts";
import type { App } from "../app.ts";
import { inSession } from "./begin-session.ts";
import { findPromptCommand, runPromptCommand } from "./prompt-commands.ts";
import { runShell } from "./shell.ts";

/**
 * Sends what is in the editor: a command, a line for the shell (`!`), or a prompt (queued by the server while a turn runs). `steer`: it
 * is said to the turn that runs.
 */
export function send(app: App, steer = false): void {
  const { editor } = app;
  if (editor.text.endsWith("\\") && editor.cursor === editor.text.length) {
    // For terminals that cannot tell shift+enter from enter.
    editor.edit("deleteBack");
    editor.edit("newline");
    return;
  }
  const text = editor.expanded;
  if (text.trim() === "") {
    // The landing page says so; anywhere else an empty prompt means nothing.
    if (!app.session && app.models.loaded && (app.models.demo || app.models.list.length === 0)) app.command("connect")?.run(app);
    return;
  }
  app.completion = undefined;
  const named = /^\/([a-z-]+)\s*$/.exec(text);
  const command = named && app.command(named[1]!);
  if (command) {
    editor.clear();
    command.run(app);
    return;
  }
  const called = /^\/([\w:.-]+)(?:\s+([\s\S]*))?$/.exec(text);
  const custom = called && findPromptCommand(app, called[1]!);
  editor.history.add(text);
  editor.clear();
  if (custom) {
    runPromptCommand(app, custom, submit, called[2]);
    return;
  }
  app.transcript.toEnd();
  const shell = /^\s*!([\s\S]*\S[\s\S]*)$/.exec(text);
  if (shell) {
    runShell(app, shell[1]!.trim());
    return;
  }
  const files: PromptFile[] = [...app.mentions].filter((path) => mentions(text, path)).map((path) => ({ path }));
  app.mentions.clear();
  submit(app, text, files, steer);
}

/** A directory is meant only where its name ends: a file in it begins with it, too. */
function mentions(text: string, path: string): boolean {
  for (let at = text.indexOf(`@${path}`); at >= 0; at = text.indexOf(`@${path}`, at + 1)) {
    const next = text[at + path.length + 1];
    if (!path.endsWith("/") || next === undefined || /\s/.test(next)) return true;
  }
  return false;
}

/** Issues a prompt as any program would: on the landing page a session is made first. */
export function submit(app: App, text: string, files: PromptFile[] = [], steer = false): void {
  app.sending = text;
  app.animate();
  const done = (): void => {
    app.sending = undefined;
    app.animate();
    app.host.invalidate();
  };
  const failed = (error: unknown): void => {
    done();
    // Nothing that was typed is lost: it goes back where it came from.
    if (app.editor.empty) app.editor.set(text);
    app.fail(error);
  };
  const prompt = (session: string): Promise<unknown> =>
    app.host.request("session.prompt", { session, text, ...(files.length > 0 ? { files } : {}), ...(steer ? { steer } : {}) });
  inSession(app, prompt).then(done, failed);
}

export function cancelTurn(app: App): void {
  const session = app.session?.id;
  if (session === undefined) return;
  app.host.request("session.cancel", { session, queue: true }).catch((error: unknown) => app.fail(error));
}

export function resumeTurn(app: App): void {
  const session = app.session?.id;
  if (session === undefined) return;
  app.host.request("session.resume", { session }).catch((error: unknown) => app.fail(error));
}

export function compactSession(app: App): void {
  const session = app.session?.id;
  if (session === undefined) return;
  app.transcript.toEnd();
  app.host.request("session.compact", { session }).catch((error: unknown) => app.fail(error));
}

/** Opens $EDITOR on the prompt, by the client. Its text comes back as one paste. */
export function externalEditor(app: App): void {
  const text = app.editor.expanded;
  app.editorAway = true;
  app.host.effect({ effect: "editor", text });
}

/** At most this much goes to the clipboard: terminals drop longer OSC 52 strings. */
const copyBytesMax = 100 * 1_024;

export function copy(app: App, text: string): void {
  if (text === "") return;
  let sent = text;
  while (Buffer.byteLength(sent) > copyBytesMax) sent = sent.slice(0, Math.floor(sent.length * 0.9));
  app.host.effect({ effect: "copy", text: sent });
  // "Sent": whether the terminal took it nobody can know.
  app.say(
    `Sent to the clipboard: ${sent.length.toLocaleString("en")} characters${sent.length < text.length ? ` of ${text.length.toLocaleString("en")}` : ""}`,
  );
}
