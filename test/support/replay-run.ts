// One recorded session through `crush run`, judged by the program that plays it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import type { Product } from "./product.ts";

export const replayProgram = path.resolve(import.meta.dirname, "../../../shared/data/replay/replay.mjs");
export const cassettes = ["bash_tool", "parallel_tool_calls", "read_a_file", "update_a_file"] as const;

/** @returns what was wrong; nothing when it passed */
export async function replay(product: Product, request: { cassette: string; chunk: string; fault: string }): Promise<string[]> {
  const workdir = fs.mkdtempSync(path.join(product.root, "replay-"));
  const args = ["--cassette", request.cassette, "--workdir", workdir, "--setup", "--chunk", request.chunk];
  const player = spawn(process.execPath, [replayProgram, ...args, ...(request.fault === "" ? [] : ["--fault", request.fault])], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = (await once(player.stdout, "data")) as [Buffer];
    const { port, baseURL, prompt } = JSON.parse(line.toString()) as { port: number; baseURL: string; prompt: string };
    const env = { OPENAI_API_KEY: "sk-recorded", OPENAI_BASE_URL: baseURL, XDG_CONFIG_HOME: path.join(product.root, "no-config") };
    const { code, stderr } = await product.run(["run", "--yolo", prompt], { cwd: workdir, env });
    const report = (await (await fetch(`http://127.0.0.1:${port}/__report`)).json()) as {
      pass: boolean;
      problems: string[];
      files: unknown;
    };
    const wrong = [...report.problems];
    if (!report.pass) wrong.push(`files: ${JSON.stringify(report.files)}`);
    if (code !== 0) wrong.push(`exit code ${code}: ${stderr}`);
    return wrong;
  } finally {
    player.kill("SIGKILL");
  }
}
