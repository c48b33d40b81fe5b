import fs from "node:fs";
import path from "node:path";
import { exitCode, flag, type Parsed, text, UsageError } from "../args.ts";
import { connectToServer, place } from "../connection.ts";
import { plain, plainJson } from "../plain.ts";
import { runLingerMs } from "../server-control.ts";

/** `crush import [--from PATH]`: sessions of a Crush database become sessions of the directory that it belongs to. */
export async function importCommand(parsed: Parsed): Promise<number> {
  const at = place(parsed);
  const file = databaseOf(path.resolve(at.cwd, text(parsed.values, "from") ?? "."));
  const directory = path.dirname(file);
  // Crush keeps it in .crush of the project; one that lies elsewhere belongs to where we are.
  const workspace = path.basename(directory) === ".crush" ? path.dirname(directory) : at.cwd;
  const client = await connectToServer(at, { lingerMs: runLingerMs });
  try {
    const report = await client.request("session.import", { workspace, file }, { timeoutMs: 600_000 });
    if (flag(parsed.values, "json")) process.stdout.write(`${plainJson(report, 2)}\n`);
    else {
      for (const { hash, title, messages, state } of report.sessions)
        if (state !== "known")
          process.stdout.write(
            `${hash.slice(0, 7)}  ${state === "deleted" ? "deleted here, left out" : `${messages} messages${state === "grown" ? " more" : ""}`}  ${plain(title)}\n`,
          );
      for (const note of report.notes) process.stderr.write(`note: ${plain(note)}\n`);
      const count = (state: string): number => report.sessions.filter((session) => session.state === state).length;
      process.stdout.write(`${plain(file)}: ${count("new")} new, ${count("grown")} grown, ${count("known")} known before\n`);
    }
    return exitCode.done;
  } finally {
    void client.close();
  }
}

function databaseOf(given: string): string {
  const found = [path.join(given, ".crush", "crush.db"), path.join(given, "crush.db"), given].find((file) =>
    fs.statSync(file, { throwIfNoEntry: false })?.isFile(),
  );
  if (found === undefined) throw new UsageError(`there is no Crush database at ${given}; name its crush.db, or the project: --from PATH`);
  return fs.realpathSync(found);
}
