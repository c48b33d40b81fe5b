import { flag, type Parsed } from "../args.ts";
import { connectToServer, place } from "../connection.ts";
import { clientEnv } from "../environment.ts";
import { plain, plainJson } from "../plain.ts";
import { runLingerMs } from "../server-control.ts";

/** `crush models [FILTER]`: lines `provider/model`; the chosen ones are marked on a terminal. */
export async function modelsCommand(parsed: Parsed): Promise<number> {
  const at = place(parsed);
  const client = await connectToServer(at, { lingerMs: runLingerMs });
  try {
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
