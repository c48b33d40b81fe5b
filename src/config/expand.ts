import { execFile } from "node:child_process";

/** A value of the configuration could not be expanded: the message names the variable or command, never a value. */
export class ExpandError extends Error {
  override readonly name = "ExpandError";
}

/** A `$(command)` that prints a key takes well under this; Crush waits five minutes, which looks like a hang. */
const commandTimeoutMs = 15_000;
const commandOutputBytesMax = 1 << 20;

/**
 * Expands `$VAR ${VAR} ${VAR:-default} ${VAR:+other} ${VAR:?message} $(command)`, quotes and `\$` as a shell does inside a word.
 * An unset variable is empty. Commands run with `sh -c`; only values of the user's own files come here.
 * @throws ExpandError for `${VAR:?message}`, a failing command, a lone `$`, an open brace or quote
 */
export async function expand(text: string, env: Record<string, string | undefined>): Promise<string> {
  if (!/[$\\"'`]/.test(text)) return text;
  let out = "";
  let at = 0;
  while (at < text.length) {
    const char = text[at]!;
    if (char === "\\" && at + 1 < text.length) {
      out += text[at + 1];
      at += 2;
    } else if (char === "'") {
      const end = text.indexOf("'", at + 1);
      if (end < 0) {
        // An apostrophe in prose ("don't") is no quote.
        out += char;
        at += 1;
      } else {
        out += text.slice(at + 1, end);
        at = end + 1;
      }
    } else if (char === '"') {
      at += 1;
    } else if (char === "`") {
      const end = text.indexOf("`", at + 1);
      if (end < 0) throw new ExpandError("a backtick is not closed");
      out += await run(text.slice(at + 1, end), env);
      at = end + 1;
    } else if (char === "$") {
      const { value, next } = await dollar(text, at, env);
      out += value;
      at = next;
    } else {
      out += char;
      at += 1;
    }
  }
  return out;
}

async function dollar(text: string, at: number, env: Record<string, string | undefined>): Promise<{ value: string; next: number }> {
  if (text[at + 1] === "(") {
    const end = closing(text, at + 1, "(", ")");
    return { value: await run(text.slice(at + 2, end), env), next: end + 1 };
  }
  if (text[at + 1] === "{") {
    const end = closing(text, at + 1, "{", "}");
    const match = /^([A-Za-z_]\w*)(?:(:?[-+?])(.*))?$/s.exec(text.slice(at + 2, end));
    if (!match) throw new ExpandError(`\${${text.slice(at + 2, end)}} is not understood`);
    const [, name = "", operator, word = ""] = match;
    const value = env[name];
    const set = operator?.startsWith(":") ? Boolean(value) : value !== undefined;
    let result = value ?? "";
    if (operator?.endsWith("-") && !set) result = await expand(word, env);
    else if (operator?.endsWith("+")) result = set ? await expand(word, env) : "";
    else if (operator?.endsWith("?") && !set) throw new ExpandError(`${name}: ${word || "not set"}`);
    return { value: result, next: end + 1 };
  }
  const name = /^[A-Za-z_]\w*/.exec(text.slice(at + 1))?.[0];
  if (!name) throw new ExpandError("a lone $ stands in a value: write \\$ to mean the character");
  return { value: env[name] ?? "", next: at + 1 + name.length };
}

function closing(text: string, from: number, open: string, close: string): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === open) depth += 1;
    else if (text[at] === close && --depth === 0) return at;
  }
  throw new ExpandError(`$${open} is not closed`);
}

function run(command: string, env: Record<string, string | undefined>): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      "sh",
      ["-c", command],
      { env: env as NodeJS.ProcessEnv, timeout: commandTimeoutMs, maxBuffer: commandOutputBytesMax, encoding: "utf8" },
      (error, stdout) => {
        if (error)
          reject(
            new ExpandError(
              `$(${command.split(" ")[0]} ...) failed${error.killed ? " (timed out)" : `: exit code ${error.code ?? "unknown"}`}`,
            ),
          );
        else resolve(stdout.replace(/\n+$/, ""));
      },
    );
  });
}
