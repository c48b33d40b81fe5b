import path from "node:path";
import { createInterface } from "node:readline/promises";
import type { TimeFile, TimeResult } from "../../protocol/index.ts";
import { exitCode, flag, type Parsed, text, UsageError } from "../args.ts";
import { connectToServer, place } from "../connection.ts";
import { plain, plainJson } from "../plain.ts";
import { runLingerMs } from "../server-control.ts";

type Wish = { preview?: boolean; force?: string[] };

/** `crush undo|redo [SESSION]`: shows what would happen, asks, does it. */
export async function undoCommand(parsed: Parsed, kind: string): Promise<number> {
  const at = place(parsed);
  const client = await connectToServer(at, { lingerMs: runLingerMs });
  try {
    const { session } = await client.request("session.get", { session: parsed.words[0] ?? "last", workspace: at.cwd });
    const turn = text(parsed.values, "turn");
    return await travel(
      parsed,
      (wish) =>
        kind === "redo"
          ? client.request("session.redo", { session: session.id, ...wish })
          : client.request("session.undo", { session: session.id, ...(turn === undefined ? {} : { turn }), ...wish }),
      at.cwd,
    );
  } finally {
    void client.close();
  }
}

/** @returns exit code 1 when a file was left as it is, 3 when the answer was no */
export async function travel(parsed: Parsed, go: (wish: Wish) => Promise<TimeResult>, cwd: string): Promise<number> {
  const json = flag(parsed.values, "json");
  const preview = await go({ preview: true });
  const inTheWay = preview.files.filter(({ state }) => state === "conflict").map((file) => file.path);
  if (flag(parsed.values, "preview")) {
    process.stdout.write(json ? `${plainJson(preview, 2)}\n` : words(preview, cwd));
    return exitCode.done;
  }
  if (!json) process.stdout.write(words(preview, cwd));
  if (!flag(parsed.values, "yes") && !(await agreed())) {
    process.stdout.write("nothing was changed\n");
    return exitCode.denied;
  }
  const done = await go(flag(parsed.values, "force") ? { force: inTheWay } : {});
  const left = done.files.filter(({ state }) => state === "conflict" || state === "lost");
  if (json) process.stdout.write(`${plainJson(done, 2)}\n`);
  else {
    const count = done.files.filter(({ state }) => state === "done").length;
    process.stdout.write(`done: ${turns(done)}, ${count} file${count === 1 ? "" : "s"}\n`);
    for (const file of left) process.stderr.write(`left as it is: ${plain(nameOf(cwd, file.path))}: ${file.why}\n`);
  }
  return left.length > 0 ? exitCode.failed : exitCode.done;
}

const turns = (result: TimeResult): string => `${result.turns.length} turn${result.turns.length === 1 ? "" : "s"}`;

/** A name on one line, whatever is in it. */
const nameOf = (cwd: string, file: string): string => path.relative(cwd, file).replace(/[\n\t]/g, "?");

const signs: { readonly [C in TimeFile["change"]]: string } = { put: "M", create: "A", remove: "D", none: "=" };

function words(result: TimeResult, cwd: string): string {
  const lines = [`${turns(result)}${result.prompt === undefined ? "" : `: ${result.prompt.split("\n")[0]!.slice(0, 100)}`}`];
  for (const { path: file, change, state, why, additions, removals } of result.files) {
    const stat = additions + removals > 0 ? `  +${additions} -${removals}` : "";
    lines.push(
      `  ${state === "ready" ? signs[change] : "!"} ${nameOf(cwd, file)}${stat}${why === undefined ? "" : `  (${state}: ${why})`}`,
    );
  }
  if (result.files.length === 0) lines.push("  no file was written by its tools");
  lines.push(...result.notes.map((note) => `  note: ${note}`));
  return plain(`${lines.join("\n")}\n`);
}

async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new UsageError("standard input is no terminal; to agree without being asked: --yes (or --preview to look)");
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await lines.question("Go? [y/N] ")).trim());
  } finally {
    lines.close();
  }
}
