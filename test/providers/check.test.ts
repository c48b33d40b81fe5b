import type http from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ProviderConfig } from "../../src/contracts/config.ts";
import { checkKey } from "../../src/providers/check.ts";
import { type HttpServer, serveHttp } from "../support/http-server.ts";
import { providerOf } from "./support.ts";

let server: HttpServer;
let asked: { url: string; headers: http.IncomingHttpHeaders }[];
let status: number;
let url: string;
beforeEach(async () => {
  asked = [];
  status = 200;
  server = await serveHttp((request, response) => {
    asked.push({ url: request.url ?? "", headers: request.headers });
    response.statusCode = status;
    response.end(status === 200 ? "{}" : '{"error":{"message":"no"}}');
  });
  url = server.url;
});
afterEach(() => server.close());

const keys = { AWS_REGION: "us-west-2", AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "s" };
test.each([
  [{ type: "openai-compat", baseUrl: "/v1" }, "/v1/models", { authorization: "Bearer k" }],
  [{ type: "openrouter", baseUrl: "/api/v1" }, "/api/v1/key", { authorization: "Bearer k" }],
  [{ type: "vercel", baseUrl: "/v1" }, "/v1/credits", { authorization: "Bearer k" }],
  [{ type: "anthropic", baseUrl: "" }, "/v1/models?limit=1000", { "x-api-key": "k" }],
  [{ type: "google", baseUrl: "" }, "/v1beta/models?pageSize=1000", { "x-goog-api-key": "k" }],
  [{ type: "azure", baseUrl: "/openai/v1" }, "/openai/v1/models", { "api-key": "k" }],
  [{ type: "bedrock", baseUrl: "" }, "/foundation-models?byProvider=anthropic", { authorization: "Bearer k" }],
  [
    { type: "bedrock", baseUrl: "", id: "signed", apiKey: "", access: keys },
    "/foundation-models?byProvider=anthropic",
    { authorization: expect.stringMatching(/^AWS4-HMAC-SHA256 Credential=AKID\/\d+\/us-west-2\/bedrock/) },
  ],
  [
    { type: "google-vertex", baseUrl: "", access: { VERTEXAI_PROJECT: "p" } },
    "/v1beta1/publishers/google/models?pageSize=1",
    { authorization: "Bearer k", "x-goog-user-project": "p" },
  ],
] as [Partial<ProviderConfig>, string, object][])(
  "a key is asked about once, where that costs nothing: %j",
  async (some, path, headers) => {
    const provider = providerOf({ apiKey: "k", ...some, baseUrl: `${url}${some.baseUrl}` });
    expect(await checkKey(provider)).toEqual({ verdict: "ok" });
    expect(asked).toMatchObject([{ url: path, headers }]);
    status = 401;
    expect(await checkKey(provider)).toMatchObject({ verdict: "bad_key" });
    status = 404;
    expect(await checkKey(provider)).toMatchObject({ verdict: "unsure" });
  },
);

test("where models are told to anybody nothing is asked, and nobody who is not there is waited for", async () => {
  expect(await checkKey(providerOf({ id: "huggingface", baseUrl: url }))).toMatchObject({ verdict: "unsure" });
  expect(asked).toEqual([]);
  const none = providerOf({ type: "bedrock", id: "no-credentials", baseUrl: url, access: { HOME: "/nowhere" } });
  expect(await checkKey(none)).toMatchObject({ verdict: "bad_key", message: expect.stringContaining("AWS_BEARER_TOKEN_BEDROCK") });
  await server.close();
  expect(await checkKey(providerOf({ baseUrl: url }))).toMatchObject({ verdict: "unreachable" });
});
