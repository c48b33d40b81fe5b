// Clouds through the real product: what the environment has is enough, and what is sent there is signed.
import type http from "node:http";
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { serveHttp } from "../support/http-server.ts";
import { openProduct } from "../support/product.ts";

type Seen = { url: string; headers: http.IncomingHttpHeaders; body: string };

async function serve(answer: (seen: Seen, response: http.ServerResponse) => void) {
  const seen: Seen[] = [];
  const server = await serveHttp((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const one = { url: request.url ?? "", headers: request.headers, body: Buffer.concat(pieces).toString() };
      seen.push(one);
      answer(one, response);
    });
  });
  return {
    seen,
    url: server.url,
    [Symbol.asyncDispose]: () => server.close(),
  };
}

const events = (text: string): object[] => [
  { type: "message_start", message: { usage: { input_tokens: 1_000_000, output_tokens: 0, cache_read_input_tokens: 2_000_000 } } },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text } },
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 100_000 } },
  { type: "message_stop" },
];

/** A message of Amazon's event stream: ":message-type" and ":event-type" in front of the payload. */
function frame(event: object): Buffer {
  const headers = Buffer.concat(
    [
      [":message-type", "event"],
      [":event-type", "chunk"],
    ].map(([name = "", value = ""]) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(value.length);
      return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from([7]), length, Buffer.from(value)]);
    }),
  );
  const payload = Buffer.from(JSON.stringify({ bytes: Buffer.from(JSON.stringify(event)).toString("base64") }));
  const total = 12 + headers.length + payload.length + 4;
  const message = Buffer.alloc(total);
  message.writeUInt32BE(total, 0);
  message.writeUInt32BE(headers.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
  headers.copy(message, 12);
  payload.copy(message, 12 + headers.length);
  message.writeUInt32BE(crc32(message.subarray(0, total - 4)), total - 4);
  return message;
}

test("Claude at Bedrock, at Vertex and Gemini there answer with the credentials of the environment, and cost what they cost", async () => {
  await using cloud = await serve((seen, response) => {
    if (seen.url === "/token") return response.end(JSON.stringify({ access_token: "vertex-token", expires_in: 3600 }));
    if (seen.url.includes("invoke-with-response-stream")) return response.end(Buffer.concat(events("from Bedrock").map(frame)));
    if (seen.url.includes("streamRawPredict"))
      return response.end(
        events("from Claude")
          .map((event) => `event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`)
          .join(""),
      );
    const usageMetadata = { promptTokenCount: 3_000_000, cachedContentTokenCount: 2_000_000, candidatesTokenCount: 100_000 };
    const candidates = [{ content: { parts: [{ text: "from Gemini" }] }, finishReason: "STOP" }];
    response.end(`data: ${JSON.stringify({ candidates, usageMetadata })}\n\n`);
  });
  const user = JSON.stringify({
    type: "authorized_user",
    client_id: "c",
    client_secret: "s",
    refresh_token: "r",
    token_uri: `${cloud.url}/token`,
  });
  await using product = await openProduct({
    env: {
      AWS_ACCESS_KEY_ID: "AKIDTEST",
      AWS_SECRET_ACCESS_KEY: "secret-of-a-test",
      AWS_REGION: "eu-central-1",
      VERTEXAI_PROJECT: "my-project",
      CLOUDSDK_CONFIG: "/nowhere",
    },
  });
  const { writeFileSync } = await import("node:fs");
  const file = `${product.root}/adc.json`;
  writeFileSync(file, user);
  const models = (ids: string[]) =>
    ids.map((id) => ({ id, context_window: 10_000_000, cost_per_1m_in: 3, cost_per_1m_out: 15, cost_per_1m_out_cached: 0.3 }));
  product.writeConfig({
    providers: {
      bedrock: { type: "bedrock", base_url: cloud.url, models: models(["anthropic.claude-test"]) },
      vertexai: { type: "google-vertex", base_url: cloud.url, models: models(["claude-test", "gemini-test"]) },
    },
    options: { disable_auto_summarize: true },
  });
  const run = async (model: string) => {
    const env = { GOOGLE_APPLICATION_CREDENTIALS: file };
    const { code, stdout, stderr } = await product.run(["run", "--format", "json", "-m", model, "hello"], { env });
    expect(stderr).toBe("");
    expect(code).toBe(0);
    return JSON.parse(stdout) as { text: string; usage: { cost: number } };
  };
  for (const [model, text] of [
    ["bedrock/anthropic.claude-test", "from Bedrock"],
    ["vertexai/claude-test", "from Claude"],
    ["vertexai/gemini-test", "from Gemini"],
  ] as const) {
    const answer = await run(model);
    expect(JSON.stringify(answer)).toContain(text);
    // A million of input at 3, two million from the cache at 0.3, 100,000 of output at 15 a million.
    expect(answer.usage.cost).toBeCloseTo(3 + 0.6 + 1.5, 9);
  }
  const asked = (part: string) => cloud.seen.find(({ url }) => url.includes(part))!;
  expect(asked("invoke-with").url).toBe("/model/eu.anthropic.claude-test/invoke-with-response-stream");
  expect(asked("invoke-with").headers.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDTEST\/\d{8}\/eu-central-1\/bedrock\/aws4_request/,
  );
  expect(asked("streamRawPredict").url).toBe(
    "/v1/projects/my-project/locations/global/publishers/anthropic/models/claude-test:streamRawPredict",
  );
  expect(asked("streamGenerateContent").headers.authorization).toBe("Bearer vertex-token");
  expect(cloud.seen.filter(({ body }) => body.includes("secret-of-a-test"))).toEqual([]);
});

test("a key that a command prints is printed anew after it was refused", async () => {
  await using server = await serve((seen, response) => {
    if (seen.headers.authorization !== "Bearer second-key") {
      response.statusCode = 401;
      return response.end('{"error":{"message":"expired","code":"invalid_api_key"}}');
    }
    response.end(
      `data: ${JSON.stringify({ choices: [{ delta: { content: "hello again" }, finish_reason: "stop" }] })}\n\ndata: [DONE]\n\n`,
    );
  });
  await using product = await openProduct();
  const { writeFileSync } = await import("node:fs");
  const file = `${product.root}/key`;
  writeFileSync(file, "first-key");
  product.writeConfig({ providers: { p: { base_url: `${server.url}/v1`, api_key: `$(cat ${file})`, models: [{ id: "m" }] } } });
  const first = await product.run(["run", "hello"]);
  expect(first).toMatchObject({ code: 1, stderr: expect.stringContaining("check api_key") });
  writeFileSync(file, "second-key");
  expect(await product.run(["run", "hello"])).toMatchObject({ code: 0, stdout: expect.stringContaining("hello again") });
});
