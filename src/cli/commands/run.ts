import { randomUUID } from "node:crypto";
import path from "node:path";
import type { DurableEvent, ModelInfo, ModelRef, PromptFile, PromptOptions, Session, Turn } from "../../protocol/index.ts";
import type { Client } from "../../sdk/index.ts";
import { attachFile } from "../../sdk/node.ts";
import { count, exitCode, flag, list, type Parsed, text, UsageError, type Values } from "../args.ts";
import { connectToServer, place } from "../connection.ts";
import { clientEnv } from "../environment.ts";
import { plain } from "../plain.ts";
import { openOutput, type RunFormat } from "../run-output.ts";
import { runLingerMs } from "../server-control.ts";

/** Standard input that is put before the prompt; the protocol's own bound for a prompt comes on top. */
const stdinBytesMax = 2 << 20;
/** A server that dies again and again under the same turn is not started for ever. */
const resumesMax = 3;
/** After an interrupt the turn's end is waited for this long. */
const interruptWaitMs = 2_000;

/** `crush run`: one turn without a terminal. Never approves by itself. */
export async function runCommand(parsed: Parsed): Promise<number> {
  const { values } = parsed;
  const format = (text(values, "format") ?? "text") as RunFormat;
  if (!["text", "json", "stream-json"].includes(format)) throw new UsageError(`--format takes text, json or stream-json, not "${format}"`);
  const options: PromptOptions = { headless: true };
  const maxTurns = count(values, "max-turns");
  if (maxTurns !== undefined) options.maxTurns = Math.ceil(maxTurns);
  const seconds = count(values, "timeout");
  if (seconds !== undefined) options.timeoutMs = Math.ceil(seconds * 1000);
  const budget = count(values, "budget");
  if (budget !== undefined) options.budget = budget;
  const allow = list(values, "allow");
  if (allow.length > 0) options.allow = allow;
  const at = place(parsed);
  const piped = await readStdin();
  const prompt = [piped, parsed.words.join(" ")].filter((part) => part.trim() !== "").join("\n\n");
  if (prompt.trim() === "") throw new UsageError('crush run: there is no prompt. crush run "what is this project?", or pipe one in');

  const client = await connectToServer(at, { lingerMs: runLingerMs, revive: true });
  try {
    if (flag(values, "trust-project")) await trustProject(client, at.cwd);
    const files = await attached(client, list(values, "attach"), at.cwd);
    const session = await openSession(client, parsed, at.cwd);
    return await runTurn(
      client,
      session,
      { text: prompt, ...(files.length > 0 && { files }) },
      options,
      openOutput({ format, quiet: flag(values, "quiet"), verbose: flag(values, "verbose"), session }),
    );
  } finally {
    void client.close();
  }
}

/** With --verbose all of what was left out; else, unless --quiet, that something of the project was: it may be why an answer differs. */
function tellNotices(notices: string[], values: Values): void {
  if (flag(values, "quiet")) return;
  const untrusted = notices.filter((notice) => notice.includes("crush trust"));
  if (flag(values, "verbose")) for (const notice of notices) process.stderr.write(`note: ${plain(notice)}\n`);
  else if (untrusted.length > 0)
    process.stderr.write(`note: ${plain(untrusted[0]!)}${untrusted.length > 1 ? ` (and ${untrusted.length - 1} more: --verbose)` : ""}\n`);
}

/** Uploaded rather than named: the server may be on another machine. */
async function attached(client: Client, names: string[], cwd: string): Promise<PromptFile[]> {
  const files: PromptFile[] = [];
  for (const name of names) {
    try {
      // The prompt speaks of it as its user does.
      files.push({ ...(await attachFile(client, path.resolve(cwd, name))), path: name });
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "ENOENT" || code === "EISDIR" || code === "EACCES")
        throw new UsageError(
          `--attach ${plain(name)}: ${code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a directory" : "it may not be read"}`,
        );
      throw error;
    }
  }
  return files;
}

/** Says yes to the project's configuration as it is now, and which files that were: it stays until `crush trust --revoke`. */
async function trustProject(client: Client, workspace: string): Promise<void> {
  const { files } = await client.request("trust.status", { workspace });
  const open = files.filter(({ state }) => state !== "trusted").map(({ file, hash }) => ({ file, hash }));
  if (open.length === 0) return;
  await client.request("trust.grant", { workspace, files: open }, { key: randomUUID() });
  for (const { file, hash } of open) process.stderr.write(`trusted: ${plain(file)} (${hash.slice(0, 12)})\n`);
}

async function openSession(client: Client, parsed: Parsed, workspace: string): Promise<Session> {
  const { values } = parsed;
  const env = clientEnv();
  const named = text(values, "session") ?? (flag(values, "continue") ? "last" : undefined);
  const wanted = text(values, "model");
  const wantedSmall = text(values, "small-model");
  const models = wanted || wantedSmall ? (await client.request("model.list", { workspace, env })).models : [];
  const model = wanted ? findModel(models, wanted) : undefined;
  const smallModel = wantedSmall ? findModel(models, wantedSmall) : undefined;
  const yolo = flag(values, "yolo");
  const plan = flag(values, "plan");
  if (plan && flag(values, "no-plan")) throw new UsageError("--plan and --no-plan exclude each other");
  if (named === undefined) {
    const created = await client.request("session.create", {
      workspace,
      env,
      ...(model ? { model } : {}),
      ...(smallModel ? { smallModel } : {}),
      ...(yolo ? { yolo } : {}),
      ...(plan ? { plan } : {}),
    });
    tellNotices(created.notices, values);
    return created.session;
  }
  let { session } = await client.request("session.get", { session: named, workspace });
  if (model) ({ session } = await client.request("session.setModel", { session: session.id, model }));
  if (smallModel) ({ session } = await client.request("session.setModel", { session: session.id, model: smallModel, kind: "small" }));
  if (yolo && !session.yolo) ({ session } = await client.request("session.setYolo", { session: session.id, yolo }));
  if (plan || flag(values, "no-plan")) ({ session } = await client.request("session.setPlan", { session: session.id, plan }));
  return session;
}

/** `model` or `provider/model`, in any case. @throws UsageError when none or several fit */
function findModel(models: ModelInfo[], wanted: string): ModelRef {
  const name = wanted.toLowerCase();
  const fits = models.filter((m) => m.model.toLowerCase() === name || `${m.provider}/${m.model}`.toLowerCase() === name);
  if (fits.length === 1) return { provider: fits[0]!.provider, model: fits[0]!.model };
  if (fits.length > 1) throw new UsageError(`"${wanted}" is offered by ${fits.map((m) => m.provider).join(", ")}: say provider/model`);
  // A server that lists nothing may still know the model: provider/model is taken at its word when the provider is known.
  const slash = wanted.indexOf("/");
  const provider = slash > 0 ? models.find((m) => m.provider === wanted.slice(0, slash))?.provider : undefined;
  if (provider) return { provider, model: wanted.slice(slash + 1) };
  const near = models.filter((m) => `${m.provider}/${m.model}`.toLowerCase().includes(name)).slice(0, 5);
  throw new UsageError(
    `no configured provider offers "${wanted}"${near.length > 0 ? `; near: ${near.map((m) => `${m.provider}/${m.model}`).join(", ")}` : "; crush models lists what there is"}`,
  );
}

function runTurn(
  client: Client,
  session: Session,
  prompt: { text: string; files?: PromptFile[] },
  options: PromptOptions,
  output: ReturnType<typeof openOutput>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let turn: string | undefined;
    let interrupted = false;
    let resumes = 0;
    // Events that come before the answer to the prompt: the turn's id is not known yet.
    let early: DurableEvent[] = [];
    const finish = (ended: Turn | undefined) => {
      process.off("SIGINT", interrupt);
      process.off("SIGTERM", interrupt);
      subscription.close();
      const code = codeOf(ended, interrupted);
      output.end(ended, code);
      resolve(code);
    };
    const interrupt = () => {
      if (interrupted) return finish(undefined);
      interrupted = true;
      client.request("session.cancel", { session: session.id, queue: true }).catch(() => {});
      setTimeout(() => finish(undefined), interruptWaitMs).unref();
    };
    const onEvent = (event: DurableEvent) => {
      if (turn === undefined) {
        early.push(event);
        return;
      }
      if ("message" in event.data && typeof event.data.message === "object" && event.data.message.turn !== turn) return;
      output.event(event);
      if (event.kind !== "turn.completed" || event.data.turn.id !== turn) return;
      if (event.data.turn.cause === "server_died" && !interrupted && resumes < resumesMax) resume();
      else finish(event.data.turn);
    };
    const began = (id: string) => {
      turn = id;
      const waiting = early;
      early = [];
      for (const event of waiting) onEvent(event);
    };
    const resume = () => {
      resumes++;
      turn = undefined;
      client.request("session.resume", { session: session.id, options }).then((answer) => {
        output.resumed(answer.turn);
        began(answer.turn);
      }, reject);
    };
    process.on("SIGINT", interrupt);
    process.on("SIGTERM", interrupt);
    const subscription = client.subscribe(session.id, {
      after: session.head,
      onEvent,
      onDelta: (delta) => output.delta(delta),
      onActivity: (activity) => output.activity(activity),
      onResync: ({ messages }) => {
        // A new server: what we waited for ended with the old one.
        output.note(`the server was restarted; ${messages.length} messages are kept`);
      },
      onError: reject,
    });
    client
      .request("session.prompt", { session: session.id, ...prompt, options, env: clientEnv() }, { key: randomUUID() })
      .then((answer) => {
        output.start(answer.turn);
        began(answer.turn);
      }, reject);
  });
}

function codeOf(turn: Turn | undefined, interrupted: boolean): number {
  if (interrupted || turn === undefined) return exitCode.interrupted;
  switch (turn.status) {
    case "ok":
      return exitCode.done;
    case "limit":
      return exitCode.limit;
    case "interrupted":
      return turn.cause === "permission_denied" ? exitCode.denied : exitCode.interrupted;
    default:
      return turn.cause === "permission_denied" ? exitCode.denied : exitCode.failed;
  }
}

/** What is piped or redirected in; a terminal, or nothing at all, is not read. */
async function readStdin(): Promise<string> {
  if (process.stdin.isTTY) return "";
  const fs = await import("node:fs");
  let stat: import("node:fs").Stats;
  try {
    stat = fs.fstatSync(0);
  } catch {
    return "";
  }
  if (!stat.isFIFO() && !stat.isFile() && !stat.isSocket()) return "";
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > stdinBytesMax)
      throw new UsageError(`standard input is longer than ${stdinBytesMax >> 20} MiB: name a file in the prompt instead`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8").replace(/\n$/, "");
}
