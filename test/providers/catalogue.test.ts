import fs from "node:fs";
import type http from "node:http";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { dropCatalogue, loadConfig, readSavedCatalogue, saveCatalogue } from "../../src/config/index.ts";
import { catalogueOfFile, fetchCatalogue, readCatalogue } from "../../src/providers/catalogue.ts";
import { type HttpServer, serveHttp } from "../support/http-server.ts";
import { openProduct } from "../support/product.ts";

const older = {
  id: "openai",
  api_key: "$HOME",
  api_endpoint: "http://elsewhere.example",
  models: [
    {
      id: "gpt-9",
      name: "GPT-9",
      cost_per_1m_in: 1,
      cost_per_1m_out: 2,
      cost_per_1m_in_cached: 3,
      cost_per_1m_out_cached: 0.5,
      context_window: 500_000,
      default_max_tokens: 9_000,
      can_reason: true,
      supports_attachments: true,
    },
    { id: "gpt-5", name: "GPT-5 renamed", cost_per_1m_in: 7, cost_per_1m_out: 8, context_window: 400_000, default_max_tokens: 1_000 },
  ],
};
const newer = {
  id: "anthropic",
  models: [
    {
      id: "claude-x",
      pricing: { input: 2, output: 10, cache_create: 2.5, cache_hit: 0.2 },
      context_window: 1_000_000,
      default_max_tokens: 128_000,
      reasoning: { thinking: "toggleable" },
      capabilities: { vision: true },
    },
    { id: "claude-y", pricing: {}, context_window: 1, default_max_tokens: 1, reasoning: { thinking: "never" } },
  ],
};
const gpt9 = {
  model: "gpt-9",
  name: "GPT-9",
  contextWindow: 500_000,
  maxTokens: 9_000,
  canReason: true,
  supportsImages: true,
  price: { input: 1, output: 2, cacheRead: 0.5, cacheWrite: 3 },
};

let directory: string;
let server: HttpServer;
let asked: http.IncomingMessage[];
let url: string;
beforeEach(async () => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), "catalogue-"));
  asked = [];
  server = await serveHttp((request, response) => {
    asked.push(request);
    if (request.url === "/v1/models") {
      const isKnown = request.headers.authorization === "Bearer good-key-0123";
      response.statusCode = isKnown ? 200 : 401;
      return response.end(isKnown ? '{"data":[]}' : '{"error":{"message":"Incorrect API key provided: bad-key-0123"}}');
    }
    response.statusCode = request.url !== "/v2/providers" ? 500 : request.headers["if-none-match"] === '"e1"' ? 304 : 200;
    response.setHeader("etag", '"e1"');
    response.end(response.statusCode === 200 ? JSON.stringify([older, newer]) : "");
  });
  url = server.url;
});
afterEach(async () => {
  await server.close();
  fs.rmSync(directory, { recursive: true, force: true });
});

describe("Crush's catalogue", () => {
  test("is read in both of its forms; sizes, thinking, pictures and each price are kept", () => {
    const read = readCatalogue(JSON.stringify([older, newer, { id: "../x", models: [{ id: "m" }] }, null, 7]));
    expect(Object.keys(read)).toEqual(["openai", "anthropic"]);
    expect(read.openai![0]).toEqual(gpt9);
    expect(read.anthropic).toMatchObject([
      {
        model: "claude-x",
        name: "claude-x",
        canReason: true,
        supportsImages: true,
        price: { input: 2, output: 10, cacheRead: 0.2, cacheWrite: 2.5 },
      },
      { model: "claude-y", canReason: false, supportsImages: false },
    ]);
  });

  test.each(["", "{}", "[]", "<html>", '[{"id":"a","models":[]}]', '{"providers":7}'])("%j is none", (text) => {
    expect(() => readCatalogue(text)).toThrow(/the catalogue/);
  });

  test("is asked for with its ETag, and says when there is nothing new", async () => {
    const first = await fetchCatalogue(url, undefined);
    expect(first).toMatchObject({ etag: '"e1"', providers: { openai: [gpt9, {}] } });
    expect(await fetchCatalogue(`${url}/`, first!.etag)).toBeUndefined();
    expect(asked.map(({ headers }) => headers["if-none-match"])).toEqual([undefined, '"e1"']);
    await expect(fetchCatalogue(`${url}/nowhere/providers`, undefined)).rejects.toThrow(/HTTP 500/);
    await server.close();
    await expect(fetchCatalogue(url, undefined)).rejects.toThrow(/did not answer/);
  });

  test("can be a file, and one that is kept is found again; a broken one is none", async () => {
    const file = path.join(directory, "mine.json");
    fs.writeFileSync(file, JSON.stringify([older]));
    const { providers } = await catalogueOfFile(file);
    const saved = { source: file, at: 1, providers };
    saveCatalogue(directory, saved);
    expect(readSavedCatalogue(directory)).toMatchObject(saved);
    fs.writeFileSync(path.join(directory, "catalogue.json"), '{"form":1,"providers":{"openai":[7]}}');
    expect(readSavedCatalogue(directory)).toBeUndefined();
    dropCatalogue(directory);
    expect(fs.readdirSync(directory)).toEqual(["mine.json"]);
    await expect(catalogueOfFile(path.join(directory, "none"))).rejects.toThrow(/could not be read/);
  });

  test("is merged under the user's configuration and over what is embedded; it neither adds providers nor moves them", async () => {
    const configDir = path.join(directory, "config");
    fs.mkdirSync(configDir);
    const user = { providers: { openai: { models: [{ id: "gpt-9", context_window: 111 }] } } };
    fs.writeFileSync(path.join(configDir, "crush.json"), JSON.stringify(user));
    const config = await loadConfig({
      workspace: directory,
      configDir,
      env: { HOME: directory, OPENAI_API_KEY: "k" },
      catalogue: { ...readCatalogue(JSON.stringify([older])), evil: [gpt9] },
    });
    expect(config.providers.map(({ id, baseUrl }) => [id, baseUrl])).toEqual([["openai", "https://api.openai.com/v1"]]);
    const { models } = config.providers[0]!;
    expect(models.filter(({ model }) => model === "gpt-9")).toMatchObject([{ contextWindow: 111 }]);
    expect(models.find(({ model }) => model === "gpt-5")).toMatchObject({ name: "GPT-5 renamed", price: { input: 7, output: 8 } });
    expect(models.find(({ model }) => model === "gpt-5-mini")).toMatchObject({ price: { input: 0.25, output: 2, cacheRead: 0.025 } });
  });
});

test("crush models --check says of each provider whether it takes its key; crush update-providers takes another catalogue", async () => {
  await using product = await openProduct({ env: { OPENAI_API_KEY: "sk-other" } });
  const provider = (api_key: string) => ({ base_url: `${url}/v1`, api_key, models: [{ id: "m" }] });
  product.writeConfig({ providers: { good: provider("good-key-0123"), bad: provider("bad-key-0123") } });
  const bad = await product.run(["models", "--check", "bad"]);
  expect(bad).toMatchObject({ code: 1, stdout: expect.stringMatching(/^bad: key refused .*check api_key/) });
  // Keys are shown to nobody, also when a server repeats them.
  expect(bad.stdout).not.toContain("bad-key-0123");
  expect(await product.run(["models", "--check", "good"])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^good: key accepted/) });
  const models = async () => (await product.run(["models", "gpt-9"])).stdout;
  expect(await models()).toBe("");
  expect(await product.run(["update-providers", url])).toMatchObject({ code: 0, stdout: `updated: 4 models of 2 providers from ${url}\n` });
  expect(await models()).toBe("openai/gpt-9\n");
  expect((await product.run(["update-providers", url])).stdout).toMatch(/^up to date/);
  expect((await product.run(["update-providers", "embedded"])).code).toBe(0);
  expect(await models()).toBe("");
  expect(await product.run(["update-providers", "nowhere.json"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("could not be read"),
  });
});
