import { type Judge, openJudge, type ShellKind, type Verdict } from "../../shell/index.ts";
import { exitCode, flag, list, type Parsed, text, UsageError } from "../args.ts";
import { place } from "../connection.ts";
import { plain, plainJson } from "../plain.ts";

/**
 * `crush permission check [--json] [--shell bash|powershell] [--allow RULE]... [COMMAND]`: says what would be decided and why; runs
 * nothing and needs no server. Exit code 0 for allow, 3 for ask and deny. With --json and no command: lines `{id, cmd, shell}` in, one
 * line `{id, decision, why}` out for each, in order.
 */
export async function permissionCommand(parsed: Parsed): Promise<number> {
  if (parsed.sub !== "check") throw new UsageError("crush permission: only check is known (crush permission check 'git status')");
  const shell = text(parsed.values, "shell") ?? "bash";
  if (!isShell(shell)) throw new UsageError(`--shell takes bash or powershell, not "${shell}"`);
  const json = flag(parsed.values, "json");
  const { cwd } = place(parsed);
  const rules = list(parsed.values, "allow");
  const command = parsed.words.join(" ");
  if (parsed.words.length === 0 && !json)
    throw new UsageError("crush permission check: which command? (with --json, lines are read from standard input)");
  const judge = await openJudge();
  if (parsed.words.length === 0) return await answerLines(judge, cwd, rules, shell);
  const verdict = await judge.check({ command, shell, cwd, rules });
  process.stdout.write(
    json
      ? `${plainJson(verdict)}\n`
      : `${verdict.decision}: ${plain(verdict.why)}\n${verdict.pattern ? `always would save: ${plain(verdict.pattern)}\n` : ""}`,
  );
  return verdict.decision === "allow" ? exitCode.done : exitCode.denied;
}

const isShell = (value: unknown): value is ShellKind => value === "bash" || value === "powershell";

async function answerLines(judge: Judge, cwd: string, rules: string[], shell: ShellKind): Promise<number> {
  const answer = async (line: string): Promise<void> => {
    if (line.trim() === "") return;
    const verdict = await answerLine(line, judge, cwd, rules, shell);
    // A reader that is slow is waited for.
    if (!process.stdout.write(`${plainJson(verdict)}\n`)) await new Promise((resolve) => process.stdout.once("drain", resolve));
  };
  let rest = "";
  // Only a newline ends a line: readline would also split at characters that JSON strings may hold.
  for await (const chunk of process.stdin.setEncoding("utf8") as AsyncIterable<string>) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    for (const line of lines) await answer(line);
  }
  await answer(rest);
  return exitCode.done;
}

async function answerLine(line: string, judge: Judge, cwd: string, rules: string[], shell: ShellKind): Promise<Verdict & { id: unknown }> {
  let request: unknown;
  try {
    request = JSON.parse(line);
  } catch {
    return { id: null, decision: "ask", why: "the line is no JSON" };
  }
  if (typeof request !== "object" || request === null) return { id: null, decision: "ask", why: "the line is no object" };
  const { id = null, cmd, shell: own = shell } = request as { id?: unknown; cmd?: unknown; shell?: unknown };
  if (typeof cmd !== "string") return { id, decision: "ask", why: "cmd is no string" };
  if (!isShell(own)) return { id, decision: "ask", why: `shell is "bash" or "powershell"` };
  return { id, ...(await judge.check({ command: cmd, shell: own, cwd, rules })) };
}
