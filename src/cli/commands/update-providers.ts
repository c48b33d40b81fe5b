import path from "node:path";
import { exitCode, flag, type Parsed, UsageError } from "../args.ts";
import { connectToServer, place } from "../connection.ts";
import { clientEnv } from "../environment.ts";
import { plain, plainJson } from "../plain.ts";
import { runLingerMs } from "../server-control.ts";

/** `crush update-providers [URL|FILE|embedded]`: the server takes the catalogue of models anew and keeps it. */
export async function updateProvidersCommand(parsed: Parsed): Promise<number> {
  const [given, more] = parsed.words;
  if (more !== undefined) throw new UsageError("update-providers takes one address, one file, or embedded");
  const wanted = parsed.values.source;
  if (wanted !== undefined && wanted !== "catwalk")
    throw new UsageError(`there is no catalogue "${String(wanted)}"; the one there is is catwalk`);
  const at = place(parsed);
  const isElsewhere = given === undefined || given === "embedded" || /^https?:\/\//.test(given);
  const source = isElsewhere ? given : path.resolve(at.cwd, given);
  const client = await connectToServer(at, { lingerMs: runLingerMs });
  try {
    const update = await client.request("provider.update", {
      workspace: at.cwd,
      env: clientEnv(),
      ...(source === undefined ? {} : { source }),
    });
    if (flag(parsed.values, "json")) process.stdout.write(`${plainJson(update, 2)}\n`);
    else if (update.source === "embedded") process.stdout.write("models as they came with this version\n");
    else {
      const what = `${update.models} models of ${update.providers} providers from ${plain(update.source)}`;
      process.stdout.write(`${update.changed ? "updated" : "up to date"}: ${what}\n`);
    }
    return exitCode.done;
  } finally {
    void client.close();
  }
}
