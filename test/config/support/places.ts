import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { loadConfig } from "../../../src/config/index.ts";
import { openTrust } from "../../../src/config/trust.ts";
import type { Config } from "../../../src/contracts/config.ts";

/** A home, a repository in it and a directory in that, as a user has them; removed by `dispose`. */
export function openPlaces() {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "crush-config-")));
  const repository = path.join(root, "work");
  const workspace = path.join(repository, "inner");
  const configDir = path.join(root, ".config", "crush");
  const dataDir = path.join(root, "data");
  for (const directory of [path.join(repository, ".git"), workspace, configDir, dataDir]) fs.mkdirSync(directory, { recursive: true });
  const write = (file: string, value: unknown): string => {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, typeof value === "string" ? value : JSON.stringify(value, null, 2));
    return file;
  };
  const env = { HOME: root, PATH: process.env.PATH ?? "" };
  return {
    root,
    repository,
    workspace,
    configDir,
    dataDir,
    env,
    write,
    user: (value: unknown) => write(path.join(configDir, "crush.json"), value),
    rc: (text: string) => write(path.join(configDir, "crushrc"), text),
    project: (value: unknown, name = "crush.json") => write(path.join(workspace, name), value),
    load: (more: Record<string, string | undefined> = {}): Promise<Config> =>
      loadConfig({ workspace, configDir, env: { ...env, ...more }, trust: openTrust(dataDir) }),
    dispose: () => fs.rmSync(root, { recursive: true, force: true }),
  };
}

export type Places = ReturnType<typeof openPlaces>;

/** A provider that works without network: one model, a key. */
export const sim = { type: "openai-compat", base_url: "http://127.0.0.1:1/v1", api_key: "x", models: [{ id: "sim" }] };
