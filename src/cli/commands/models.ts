import type { Client } from "../../sdk/index.ts";
import { exitCode, flag, type Parsed } from "../args.ts";
import { connectToServer, place } from "../connection.ts";
import { clientEnv } from "../environment.ts";
import { plain, plainJson } from "../plain.ts";
import { runLingerMs } from "../server-control.ts";

/** `crush models [FILTER]`: lines `provider/model`; the chosen ones are marked on a terminal. */
export async function modelsCommand(parsed: Parsed): Promise<number> {
  const at = place(parsed);
  const client = await connectToServer(at, { lingerMs: runLingerMs });
  try {
    if (flag(parsed.values, "check")) return await check(client, at.cwd, parsed);
    const answer = await client.request("model.list", { workspace: at.cwd, env: clientEnv() });
    const filter = parsed.words.join(" ").toLowerCase();
    const models = answer.models.filter((m) => `${m.provider}/${m.model} ${m.name}`.toLowerCase().includes(filter));
    if (flag(parsed.values, "json")) {
      process.stdout.write(
        `${plainJson({ models, large: answer.large, small: answer.small, demo: answer.demo, notices: answer.notices }, 2)}\n`,
      );
      return 0;
    }
    for (const notice of answer.notices) process.stderr.write(`note: ${plain(notice)}\n`);
    for (const model of models) {
      const chosen = [answer.large, answer.small]
        .map((ref, i) => (ref && ref.provider === model.provider && ref.model === model.model ? ["large", "small"][i] : ""))
        .filter(Boolean);
      process.stdout.write(
        `${plain(`${model.provider}/${model.model}`)}${process.stdout.isTTY && chosen.length > 0 ? `  (${chosen.join(", ")})` : ""}\n`,
      );
    }
    if (answer.demo)
      process.stderr.write(
        "no provider is configured: the built-in demo answers. Set OPENAI_API_KEY, or write a crush.json, or start Ollama.\n",
      );
    return 0;
  } finally {
    void client.close();
  }
}

const words = { ok: "key accepted", unsure: "not known", bad_key: "key refused", unreachable: "no answer" } as const;

/** `crush models --check [FILTER]`: a line a provider. Exit code 1 when one refused its key or did not answer. */
async function check(client: Client, workspace: string, parsed: Parsed): Promise<number> {
  const { checks } = await client.request("provider.check", { workspace, env: clientEnv() });
  const filter = parsed.words.join(" ").toLowerCase();
  const wanted = checks.filter(({ provider, name }) => `${provider} ${name}`.toLowerCase().includes(filter));
  if (flag(parsed.values, "json")) process.stdout.write(`${plainJson({ checks: wanted }, 2)}\n`);
  else {
    for (const { provider, verdict, message, ms } of wanted)
      process.stdout.write(`${plain(provider)}: ${words[verdict]} (${ms} ms)${message ? `: ${plain(message)}` : ""}\n`);
    if (wanted.length === 0) process.stderr.write("no provider is configured that could be asked\n");
  }
  return wanted.some(({ verdict }) => verdict === "bad_key" || verdict === "unreachable") ? exitCode.failed : exitCode.done;
}
