// Providers whose requests are signed: Amazon's and Google's clouds, and Azure's addresses.
import { createHash, createHmac, createVerify, generateKeyPairSync } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ProviderConfig } from "../../src/contracts/config.ts";
import { openWireFormats } from "../../src/providers/index.ts";
import { serveHttp } from "../support/http-server.ts";
import { bodyOf, hello, view } from "./encode-support.ts";
import { requestOf } from "./support.ts";

const wireFor = openWireFormats("dist/kernels");
const bytes = (text: string): Uint8Array => Buffer.from(text);
const sha256 = (text: string | Uint8Array): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

let directory: string;
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), "clouds-"));
});
afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

async function signedHeaders(provider: Partial<ProviderConfig>, model: string, body: string) {
  const request = requestOf({ provider, model: { model } });
  const wire = wireFor(request.provider, model)!;
  const endpoint = wire.endpoint(request, "s");
  const answer = await wire.authorize!(request, endpoint, [bytes(body.slice(0, 3)), bytes(body.slice(3))]);
  return { url: new URL(endpoint.url), ...answer } as {
    url: URL;
    headers: Record<string, string>;
    fault?: { message: string; kind: string };
  };
}

describe("Amazon Bedrock", () => {
  const access = {
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI",
    AWS_SESSION_TOKEN: "tok",
  };
  const bedrock: Partial<ProviderConfig> = { type: "bedrock", baseUrl: "https://bedrock-runtime.eu-west-1.amazonaws.com", access };

  test("a request is signed as Signature Version 4 says, over the address, the signed headers and all pieces of the body", async () => {
    const body = '{"messages":[]}';
    const { url, headers } = await signedHeaders(bedrock, "anthropic.claude-sonnet-4-20250514-v1:0", body);
    expect(url.pathname).toBe("/model/eu.anthropic.claude-sonnet-4-20250514-v1%3A0/invoke-with-response-stream");
    const match = /Credential=(\S+), SignedHeaders=(\S+), Signature=(\w+)$/.exec(headers.authorization!)!;
    const [, credential, names, signature] = match as unknown as [string, string, string, string];
    const date = headers["x-amz-date"]!;
    expect(credential).toBe(`AKIDEXAMPLE/${date.slice(0, 8)}/eu-west-1/bedrock/aws4_request`);
    const lines = names.split(";").map((name) => `${name}:${name === "host" ? url.host : headers[name]}\n`);
    // Each part of the path is encoded twice for every service but S3.
    const canonicalPath = url.pathname.split("/").map(encodeURIComponent).join("/");
    const canonical = ["POST", canonicalPath, "", lines.join(""), names, sha256(body)].join("\n");
    const scope = credential.split("/").slice(1);
    const key = scope.reduce<string | Buffer>((secret, step) => hmac(secret, step), `AWS4${access.AWS_SECRET_ACCESS_KEY}`);
    const toSign = ["AWS4-HMAC-SHA256", date, scope.join("/"), sha256(canonical)].join("\n");
    expect(signature).toBe(hmac(key, toSign).toString("hex"));
    expect(names.split(";")).toEqual(expect.arrayContaining(["host", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"]));
    expect(headers["x-amz-security-token"]).toBe("tok");
  });

  test("an API key of Bedrock is a bearer token, and nothing is signed", async () => {
    const { headers } = await signedHeaders({ ...bedrock, apiKey: "bedrock-key" }, "anthropic.x", "{}");
    expect(headers.authorization).toBe("Bearer bedrock-key");
    expect(headers["x-amz-date"]).toBeUndefined();
  });

  test("credentials of a profile are read from its files", async () => {
    fs.writeFileSync(
      path.join(directory, "credentials"),
      "[default]\naws_access_key_id=WRONG\naws_secret_access_key=x\n\n[work]\naws_access_key_id = AKIDWORK\naws_secret_access_key = s\n",
    );
    const { headers } = await signedHeaders(
      {
        ...bedrock,
        id: "profile",
        access: { AWS_PROFILE: "work", AWS_SHARED_CREDENTIALS_FILE: path.join(directory, "credentials"), HOME: directory },
      },
      "anthropic.x",
      "{}",
    );
    expect(headers.authorization).toContain("Credential=AKIDWORK/");
  });

  test("a program of the profile prints them; what it prints is in no message", async () => {
    const program = (command: string) => {
      fs.writeFileSync(path.join(directory, "config"), `[profile p]\ncredential_process = ${command}\n`);
      return {
        ...bedrock,
        id: `program ${command}`,
        access: { AWS_PROFILE: "p", AWS_CONFIG_FILE: path.join(directory, "config"), HOME: directory },
      };
    };
    const printed = JSON.stringify({ Version: 1, AccessKeyId: "AKIDPROC", SecretAccessKey: "s3cret", SessionToken: "t" });
    fs.writeFileSync(path.join(directory, "out.json"), printed);
    const { headers } = await signedHeaders(program(`cat ${path.join(directory, "out.json")}`), "anthropic.x", "{}");
    expect(headers.authorization).toContain("Credential=AKIDPROC/");
    const { fault } = await signedHeaders(program("printf not-json-s3cret"), "anthropic.x", "{}");
    expect(fault).toMatchObject({ kind: "bad_key", message: expect.stringContaining("credential_process") });
    expect(fault!.message).not.toContain("s3cret");
  });

  test("without any the person is told what to set; aws_auth_refresh runs first and may make them", async () => {
    const none = { ...bedrock, id: "none", access: { HOME: directory, PATH: process.env.PATH! } };
    expect((await signedHeaders(none, "anthropic.x", "{}")).fault).toMatchObject({
      kind: "bad_key",
      message: expect.stringContaining("AWS_BEARER_TOKEN_BEDROCK"),
    });
    fs.mkdirSync(path.join(directory, ".aws"));
    const awsAuthRefresh = `printf '[default]\\naws_access_key_id=AKIDNEW\\naws_secret_access_key=s\\n' > ${path.join(directory, ".aws/credentials")}`;
    const { headers } = await signedHeaders({ ...none, awsAuthRefresh }, "anthropic.x", "{}");
    expect(headers.authorization).toContain("Credential=AKIDNEW/");
  });

  test("errors are told by the name that Amazon gives them; a throttled account has no conversation that is too long", () => {
    const wire = wireFor({ type: "bedrock" })!;
    const { provider } = requestOf({ provider: { ...bedrock, id: "names" } });
    const fault = (status: number, name: string, message: string) =>
      wire.fault(status, { "x-amzn-errortype": name }, JSON.stringify({ message }), provider);
    const throttled = fault(429, "ThrottlingException:http://internal", "Too many tokens, please wait before trying again.");
    expect(throttled).toMatchObject({ kind: "rate_limit", retryable: true });
    expect(fault(400, "ValidationException", "Input is too long for requested model.")).toMatchObject({ kind: "context_too_long" });
    expect(fault(503, "ServiceUnavailableException", "busy")).toMatchObject({ kind: "overloaded", retryable: true });
    expect(fault(403, "AccessDeniedException", "You don't have access to the model")).toMatchObject({
      kind: "bad_key",
      message: expect.stringMatching(/log in again, and check that the account may use this model/),
    });
  });

  test("expired credentials are worth one more attempt, others are not", () => {
    const wire = wireFor({ type: "bedrock" })!;
    const { provider } = requestOf({ provider: { ...bedrock, id: "expired" } });
    const body = '{"message":"The security token included in the request is expired"}';
    expect(wire.fault(403, {}, body, provider)).toMatchObject({ kind: "bad_key", retryable: true, retryAfterMs: 0 });
    expect(wire.fault(403, {}, body, provider).retryable).toBe(false);
    expect(wire.fault(403, {}, '{"message":"no access"}', requestOf({ provider: bedrock }).provider).retryable).toBe(false);
  });
});

describe("Google Vertex AI", () => {
  const vertex = (some: Partial<ProviderConfig> = {}): Partial<ProviderConfig> => ({
    type: "google-vertex",
    baseUrl: "https://aiplatform.googleapis.com",
    access: { VERTEXAI_PROJECT: "my-project", VERTEXAI_LOCATION: "global" },
    ...some,
  });

  test("Gemini and Claude have their own addresses and bodies there", () => {
    const of = (model: string, baseUrl = "https://aiplatform.googleapis.com") => {
      const request = requestOf({ provider: vertex({ baseUrl }), model: { model }, tools: [view], system: ["be brief"] });
      const wire = wireFor(request.provider, model)!;
      return {
        url: wire.endpoint(request, "s").url,
        body: JSON.parse(bodyOf(wire, request, hello)) as Record<string, unknown>,
        wire,
        request,
      };
    };
    const base = "https://aiplatform.googleapis.com/v1/projects/my-project/locations/global/publishers";
    const gemini = of("gemini-3.1-pro-preview");
    expect(gemini.url).toBe(`${base}/google/models/gemini-3.1-pro-preview:streamGenerateContent?alt=sse`);
    expect(gemini.body).toMatchObject({ contents: [{ role: "user", parts: [{ text: "hello" }] }] });
    const claude = of("claude-sonnet-4-5@20250929");
    expect(claude.url).toBe(`${base}/anthropic/models/claude-sonnet-4-5@20250929:streamRawPredict`);
    expect(claude.body).toMatchObject({ anthropic_version: "vertex-2023-10-16", stream: true });
    expect(claude.body.model).toBeUndefined();
    // It does not know the mark of a whole request: blocks are marked.
    expect(claude.body.cache_control).toBeUndefined();
    expect(claude.wire.mark!(claude.request)).toMatchObject({ count: 2 });
    expect(of("gemini-x", "https://eu.example/v1/projects/p/locations/l").url).toContain(
      "https://eu.example/v1/projects/p/locations/l/publishers/",
    );
  });

  test("a service account's token is asked for with a signed assertion, and kept", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const asked: URLSearchParams[] = [];
    const server = await serveHttp((request, response) => {
      let body = "";
      request.on("data", (data) => (body += data));
      request.on("end", () => {
        asked.push(new URLSearchParams(body));
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ access_token: `token-${asked.length}`, expires_in: 3600 }));
      });
    });
    try {
      const token_uri = `${server.url}/token`;
      const file = path.join(directory, "account.json");
      const private_key = privateKey.export({ type: "pkcs8", format: "pem" });
      fs.writeFileSync(
        file,
        JSON.stringify({ type: "service_account", client_email: "me@p.iam", private_key_id: "k1", private_key, token_uri }),
      );
      const provider = vertex({ access: { VERTEXAI_PROJECT: "p", GOOGLE_APPLICATION_CREDENTIALS: file } });
      for (let i = 0; i < 2; i++) expect((await signedHeaders(provider, "gemini-x", "{}")).headers.authorization).toBe("Bearer token-1");
      expect(asked).toHaveLength(1);
      const [head, claims, signature] = asked[0]!.get("assertion")!.split(".") as [string, string, string];
      expect(createVerify("RSA-SHA256").update(`${head}.${claims}`).verify(publicKey, signature, "base64url")).toBe(true);
      const read = (text: string) => JSON.parse(Buffer.from(text, "base64url").toString()) as Record<string, unknown>;
      expect(read(head)).toEqual({ alg: "RS256", typ: "JWT", kid: "k1" });
      expect(read(claims)).toMatchObject({ iss: "me@p.iam", aud: token_uri, scope: "https://www.googleapis.com/auth/cloud-platform" });
      // One that was refused is not sent again.
      const request = requestOf({ provider });
      wireFor(request.provider, "gemini-x")!.fault(401, {}, "", request.provider);
      expect((await signedHeaders(provider, "gemini-x", "{}")).headers.authorization).toBe("Bearer token-2");
    } finally {
      await server.close();
    }
  });

  test("no credentials, or secrets that would go over the open net: the person is told, and nothing is sent", async () => {
    const none = vertex({ access: { VERTEXAI_PROJECT: "p", HOME: directory } });
    expect((await signedHeaders(none, "gemini-x", "{}")).fault).toMatchObject({
      kind: "bad_key",
      message: expect.stringContaining("gcloud auth application-default login"),
    });
    const file = path.join(directory, "user.json");
    fs.writeFileSync(file, JSON.stringify({ type: "authorized_user", token_uri: "http://evil.example/token", refresh_token: "r" }));
    const open = vertex({ access: { VERTEXAI_PROJECT: "p", GOOGLE_APPLICATION_CREDENTIALS: file } });
    expect((await signedHeaders(open, "gemini-x", "{}")).fault).toMatchObject({ message: expect.stringContaining("not an https address") });
  });
});

describe("Azure", () => {
  const of = (baseUrl: string, model: string, some: Partial<ProviderConfig> = {}) => {
    const request = requestOf({ provider: { type: "azure", baseUrl, apiKey: "k", ...some }, model: { model } });
    const wire = wireFor(request.provider, model)!;
    return { wire: wire.id, ...wire.endpoint(request, "s") };
  };

  test.each([
    ["https://res.openai.azure.com", "gpt-5", "openai-responses", "https://res.openai.azure.com/openai/v1/responses"],
    ["https://res.openai.azure.com/", "DeepSeek-V3", "openai-chat", "https://res.openai.azure.com/openai/v1/chat/completions"],
    ["https://res.openai.azure.com/openai/v1", "o4-mini", "openai-responses", "https://res.openai.azure.com/openai/v1/responses"],
    [
      "https://res.openai.azure.com/openai/deployments/mine",
      "gpt-5",
      "openai-chat",
      "https://res.openai.azure.com/openai/deployments/mine/chat/completions?api-version=2025-01-01-preview",
    ],
    ["http://127.0.0.1:1/openai/v1", "gpt-5", "openai-responses", "http://127.0.0.1:1/openai/v1/responses"],
  ])("at %s, %s is asked over %s", (base, model, wire, url) => {
    const asked = of(base, model);
    expect([asked.wire, asked.url]).toEqual([wire, url]);
    expect(asked.headers).toMatchObject({ "api-key": "k" });
    expect(asked.headers.authorization).toBeUndefined();
  });

  test("the version of the environment is sent", () => {
    expect(of("https://res.openai.azure.com", "gpt-5", { access: { AZURE_OPENAI_API_VERSION: "preview" } }).url).toMatch(
      /\?api-version=preview$/,
    );
  });
});

describe("Claude behind a gateway", () => {
  test.each(["openrouter", "vercel", "litellm"] as const)(
    "%s: tools, system and the last words are marked for the prompt cache",
    (type) => {
      const request = requestOf({ provider: { type }, model: { model: "anthropic/claude-sonnet-5" }, system: ["a", "b"], tools: [view] });
      const wire = wireFor(request.provider, request.model.model)!;
      const mark = wire.mark!(request)!;
      const segment = wire.segment(hello[0]!, request)!;
      expect(mark.fits(hello[0]!)).toBe(true);
      const marked = segment.slice(0, -mark.before) + mark.text + segment.slice(-mark.before);
      const body = JSON.parse(wire.head(request) + marked + wire.tail(request));
      const cache_control = { type: "ephemeral" };
      expect(body.messages).toEqual([
        { role: "system", content: "a" },
        { role: "system", content: [{ type: "text", text: "b", cache_control }] },
        { role: "user", content: [{ type: "text", text: "hello", cache_control }] },
      ]);
      expect(body.tools[0].cache_control).toEqual(cache_control);
    },
  );

  test("other models there are sent as before", () => {
    const request = requestOf({ provider: { type: "openrouter" }, model: { model: "openai/gpt-5" }, tools: [view] });
    const wire = wireFor(request.provider, request.model.model)!;
    expect(wire.mark!(request)).toBeUndefined();
    expect(wire.segment(hello[0]!, request)).toBe('{"role":"user","content":"hello"}');
  });
});
