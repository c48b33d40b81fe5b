import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "../../src/config/index.ts";
import { chooseModel } from "../../src/coordinator/turn/model.ts";

test("what a model brings counts where nothing else is chosen: options of the model, then of its provider, then of the choice", async () => {
  const configDir = fs.mkdtempSync(path.join(os.tmpdir(), "choose-"));
  const model = {
    id: "m",
    default_reasoning_effort: "high",
    options: { temperature: 0.1, top_p: 0.2, provider_options: { a: "model", b: "model", c: "model" } },
  };
  const p = { base_url: "http://127.0.0.1:1", provider_options: { b: "provider", c: "provider" }, models: [model, { id: "bare" }] };
  const large = { provider: "p", model: "m", temperature: 0.9, provider_options: { c: "choice" } };
  fs.writeFileSync(path.join(configDir, "crush.json"), JSON.stringify({ providers: { p }, models: { large } }));
  const config = await loadConfig({ workspace: configDir, configDir, env: { HOME: configDir } });
  fs.rmSync(configDir, { recursive: true });
  const options = { demo: () => Promise.reject(new Error("no demo")), wire: () => true };

  const { provider, selected } = await chooseModel(config, undefined, "large", options);
  expect(selected).toEqual({
    provider: "p",
    model: "m",
    reasoningEffort: "high",
    temperature: 0.9,
    topP: 0.2,
    providerOptions: { c: "choice" },
  });
  expect(provider.providerOptions).toEqual({ a: "model", b: "provider", c: "provider" });

  const bare = await chooseModel(config, { provider: "p", model: "bare" }, "large", options);
  expect(bare.selected).toEqual({ provider: "p", model: "bare" });
  expect(bare.provider.providerOptions).toEqual({ b: "provider", c: "provider" });
});
