import { attach } from "../../client/tty.ts";
import { Terminal, terminalTraits } from "../../client/terminal.ts";
import { flag, type Parsed, text, UsageError } from "../args.ts";
import { connectToServer, place } from "../connection.ts";
import { clientEnv } from "../environment.ts";
import { ensurePrivate } from "../paths.ts";
import { plain } from "../plain.ts";
import { screenLingerMs } from "../server-control.ts";

const isOn = (value: string | undefined): boolean => value !== undefined && value !== "" && value !== "0";

/** Asked for, or the only thing that such a terminal can show. $ACCESSIBLE is what other terminal programs go by. */
function isPlain({ values }: Parsed): boolean {
  if (flag(values, "plain")) return true;
  if (flag(values, "inline")) return false;
  const { CRUSH_PLAIN, ACCESSIBLE, TERM } = process.env;
  return CRUSH_PLAIN === undefined ? isOn(ACCESSIBLE) || TERM === "dumb" : isOn(CRUSH_PLAIN);
}

/** `crush` and `crush attach`: this terminal becomes a screen of the server. */
export async function tuiCommand(parsed: Parsed): Promise<number> {
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new UsageError('standard input and output must be a terminal; without one: crush run "..."');
  if (parsed.command.name === "" && parsed.words.length > 0)
    throw new UsageError(`to ask without a terminal: crush run "${parsed.words.join(" ")}"`);
  const at = place(parsed);
  ensurePrivate(at.runtime.directory);
  const mode = isPlain(parsed) ? "plain" : flag(parsed.values, "inline") ? "inline" : "full";
  const terminal = new Terminal(mode, at.runtime.directory);
  terminal.mend();
  terminal.take();
  try {
    const client = await connectToServer(at, { lingerMs: screenLingerMs, revive: true });
    const wanted = parsed.words[0] ?? text(parsed.values, "session") ?? (flag(parsed.values, "continue") ? "last" : undefined);
    let session: string | undefined;
    if (wanted !== undefined) session = (await client.request("session.get", { session: wanted, workspace: at.cwd })).session.id;
    const { cols, rows } = terminal.size();
    const end = await attach({
      client,
      terminal,
      open: {
        cols,
        rows,
        mode,
        term: terminalTraits(process.env),
        workspace: at.cwd,
        env: clientEnv(),
        ...(session ? { session } : {}),
        ...(flag(parsed.values, "yolo") ? { yolo: true } : {}),
      },
    });
    await client.close();
    if (end.error !== undefined) {
      process.stderr.write(`crush: ${plain(end.error)}\n`);
      return 1;
    }
    if (end.farewell) process.stderr.write(`${plain(end.farewell)}\n`);
    return 0;
  } finally {
    terminal.restore();
  }
}
