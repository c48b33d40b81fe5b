import type http from "node:http";
import { expect, test } from "vitest";
import { askModels, findLocalServers } from "../../src/providers/discover.ts";
import { serveHttp } from "../support/http-server.ts";

const provider = (port: number) => ({
  id: "p",
  name: "P",
  type: "openai-compat" as const,
  baseUrl: `http://127.0.0.1:${port}/v1`,
  apiKey: "k",
  extraHeaders: {},
  extraBody: {},
  providerOptions: {},
  flatRate: false,
});

test("a provider's list becomes models, with the key sent and sizes taken where given", async () => {
  let key: string | undefined;
  const server = await serveHttp((request, response) => {
    key = request.headers.authorization;
    response.end(JSON.stringify({ data: [{ id: "a", context_length: 4096 }, { id: "b" }, { noId: 1 }] }));
  });
  const models = await askModels(provider(server.port));
  await server.close();
  expect(key).toBe("Bearer k");
  expect(models.map((m) => [m.model, m.contextWindow])).toEqual([
    ["a", 4096],
    ["b", 128_000],
  ]);
});

test.each([
  ["an error", (_: unknown, r: http.ServerResponse) => r.writeHead(500).end("no")],
  ["a web page", (_: unknown, r: http.ServerResponse) => r.end("<html>")],
  ["a list of something else", (_: unknown, r: http.ServerResponse) => r.end("[1,2]")],
  ["a redirect elsewhere", (_: unknown, r: http.ServerResponse) => r.writeHead(302, { location: "http://192.0.2.1/" }).end()],
  ["silence", () => {}],
])("%s gives no models and no error", async (_name, answer) => {
  const server = await serveHttp(answer as http.RequestListener);
  expect(await askModels(provider(server.port), 200)).toEqual([]);
  await server.close();
});

test("a local server is found at its address, embedding models are no chat models", async () => {
  const server = await serveHttp((_, response) => response.end(JSON.stringify({ data: [{ id: "nomic-embed-text" }, { id: "llama" }] })));
  const found = await findLocalServers({ ollama: server.port, lmstudio: 1, llamacpp: 1 });
  await server.close();
  expect(found.map((p) => [p.id, p.models.map((m) => m.model)])).toEqual([["ollama", ["llama"]]]);
});

test("Anthropic and Google are asked where and how they list their models", async () => {
  const asked: [string | undefined, http.IncomingHttpHeaders][] = [];
  const server = await serveHttp((request, response) => {
    asked.push([request.url, request.headers]);
    const anthropic = { data: [{ id: "c", display_name: "C", max_input_tokens: 9, max_tokens: 5 }] };
    const google = {
      models: [
        { name: "models/g", displayName: "G", inputTokenLimit: 7, outputTokenLimit: 3, supportedGenerationMethods: ["generateContent"] },
        { name: "models/embedding", supportedGenerationMethods: ["embedContent"] },
      ],
    };
    response.end(JSON.stringify(request.headers["x-goog-api-key"] ? google : anthropic));
  });
  const baseUrl = server.url;
  const claude = await askModels({ ...provider(server.port), type: "anthropic", baseUrl });
  const gemini = await askModels({ ...provider(server.port), type: "google", baseUrl });
  await server.close();
  expect(asked).toMatchObject([
    ["/v1/models?limit=1000", { "x-api-key": "k", "anthropic-version": "2023-06-01" }],
    ["/v1beta/models?pageSize=1000", { "x-goog-api-key": "k" }],
  ]);
  expect(claude).toMatchObject([{ model: "c", name: "C", contextWindow: 9, maxTokens: 5 }]);
  expect(gemini).toMatchObject([{ model: "g", name: "G", contextWindow: 7, maxTokens: 3 }]);
});

test.each([
  [
    "ollama",
    {
      "/v1/models": { data: [{ id: "qwen3" }, { id: "llava" }] },
      "/api/show": { model_info: { "qwen3.context_length": 40_960 }, capabilities: ["tools", "thinking"], parameters: "" },
    },
    { contextWindow: 40_960, canReason: true, supportsImages: false },
  ],
  [
    "ollama",
    {
      "/v1/models": { data: [{ id: "m" }] },
      "/api/show": { model_info: { "m.context_length": 40_960 }, capabilities: ["vision"], parameters: "stop x\nnum_ctx 8192" },
    },
    { contextWindow: 8_192, canReason: false, supportsImages: true },
  ],
  [
    "lmstudio",
    {
      "/v1/models": { data: [{ id: "g" }] },
      "/api/v0/models": { data: [{ id: "g", type: "vlm", max_context_length: 9, loaded_context_length: 7 }] },
    },
    { contextWindow: 7, supportsImages: true },
  ],
  [
    "llamacpp",
    {
      "/v1/models": { data: [{ id: "x", meta: { n_ctx_train: 99 } }] },
      "/props": { default_generation_settings: { n_ctx: 5 }, modalities: { vision: true } },
    },
    { contextWindow: 5, supportsImages: true },
  ],
  [
    "litellm",
    {
      "/v1/models": { data: [{ id: "gpt" }] },
      "/model/info": {
        data: [
          {
            model_name: "gpt",
            model_info: {
              max_input_tokens: 11,
              max_output_tokens: 3,
              input_cost_per_token: 1.25e-6,
              output_cost_per_token: 1e-5,
              supports_vision: true,
              supports_reasoning: true,
            },
          },
        ],
      },
    },
    { contextWindow: 11, maxTokens: 3, canReason: true, price: { input: 1.25, output: 10, cacheRead: 1.25, cacheWrite: 1.25 } },
  ],
  [
    "openrouter",
    {
      "/v1/models": {
        data: [
          {
            id: "a/b",
            context_length: 21,
            architecture: { input_modalities: ["text", "image"] },
            pricing: { prompt: "0.000003", completion: "0.000015", input_cache_read: "0.0000003", input_cache_write: "0.00000375" },
            top_provider: { max_completion_tokens: 4 },
            supported_parameters: ["tools", "reasoning"],
          },
        ],
      },
    },
    {
      contextWindow: 21,
      maxTokens: 4,
      canReason: true,
      supportsImages: true,
      price: { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 },
    },
  ],
  ["lmstudio", { "/v1/models": { data: [{ id: "alone" }] } }, { contextWindow: 128_000 }],
] as const)("%s tells more of its models, where it does", async (type, pages, expected) => {
  const server = await serveHttp((request, response) => {
    const page = (pages as Record<string, unknown>)[request.url ?? ""];
    if (page === undefined) return response.writeHead(404).end("no");
    response.end(JSON.stringify(page));
  });
  const models = await askModels({ ...provider(server.port), type });
  await server.close();
  expect(models[0]).toMatchObject(expected);
});
