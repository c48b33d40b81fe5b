import fs from "node:fs";
import path from "node:path";
import { count, flag, type Parsed } from "../args.ts";
import { place } from "../connection.ts";
import { plain } from "../plain.ts";

const tailLines = 1_000;
/** Read from the end of the log: more than any sensible tail. */
const tailBytes = 4 << 20;

/** `crush logs [-f] [-t N]`: the server's log, JSON lines. */
export async function logsCommand(parsed: Parsed): Promise<number> {
  const file = path.join(place(parsed).dataDir, "logs", "crush.log");
  const wanted = count(parsed.values, "tail") ?? tailLines;
  let at = 0;
  try {
    const size = fs.statSync(file).size;
    const from = Math.max(0, size - tailBytes);
    const handle = fs.openSync(file, "r");
    const buffer = Buffer.alloc(size - from);
    fs.readSync(handle, buffer, 0, buffer.length, from);
    fs.closeSync(handle);
    const lines = buffer.toString("utf8").split("\n").filter(Boolean);
    for (const line of lines.slice(-wanted)) process.stdout.write(`${plain(line)}\n`);
    at = size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    process.stderr.write(`no log yet: ${file}\n`);
  }
  if (!flag(parsed.values, "follow")) return 0;
  return await new Promise<number>((resolve) => {
    const look = () => {
      fs.stat(file, (error, found) => {
        if (error || found.size <= at) {
          if (!error && found.size < at) at = 0; // rotated
          return;
        }
        const stream = fs.createReadStream(file, { start: at, end: found.size - 1, encoding: "utf8" });
        at = found.size;
        stream.on("data", (chunk) => process.stdout.write(plain(String(chunk))));
      });
    };
    fs.watchFile(file, { interval: 250 }, look);
    process.once("SIGINT", () => {
      fs.unwatchFile(file);
      resolve(0);
    });
  });
}
