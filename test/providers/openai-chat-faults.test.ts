import fs from "node:fs";
import { describe, expect, test } from "vitest";
import { openWireFormats } from "../../src/providers/index.ts";
import { providerOf } from "./support.ts";

const wire = openWireFormats("dist/kernels")({ type: "openai-compat" })!;
const fault = (status: number, error: unknown, headers: Record<string, string | string[]> = {}) =>
  wire.fault(
    status,
    headers,
    typeof error === "string" ? error : JSON.stringify({ error }),
    providerOf({ apiKey: "sk-secret-1234567890" }),
  );

describe("an HTTP error", () => {
  test.each([
    [401, { message: "no" }, "bad_key", false],
    [403, { message: "no" }, "bad_key", false],
    [402, { message: "pay" }, "quota", false],
    [404, { message: "The model x does not exist", code: "model_not_found" }, "not_found", false],
    [400, { message: "no", code: "model_not_found" }, "not_found", false],
    [408, {}, "timeout", true],
    [409, {}, "server", true],
    [413, {}, "context_too_long", false],
    [429, { message: "slow down", code: "rate_limit_exceeded" }, "rate_limit", true],
    [429, { message: "You exceeded your current quota", code: "insufficient_quota" }, "quota", false],
    [
      429,
      { message: "Request too large for gpt-4.1 on tokens per min: Limit 1, Requested 2", code: "rate_limit_exceeded" },
      "context_too_long",
      false,
    ],
    [400, { message: "This model's maximum context length is 8192 tokens", code: "context_length_exceeded" }, "context_too_long", false],
    [400, { message: "the request exceeds the available context size" }, "context_too_long", false],
    [400, { message: "filtered", code: "content_filter" }, "refused", false],
    [400, { message: "Unknown parameter: top_k" }, "bad_request", false],
    [422, "plain words", "bad_request", false],
    [500, { message: "oops" }, "server", true],
    [502, "<html><title>502 Bad Gateway</title></html>", "server", true],
    [503, "", "overloaded", true],
    [529, { type: "overloaded_error", message: "Overloaded" }, "overloaded", true],
    [301, "", "not_found", false],
  ])("%i %j is %s", (status, error, kind, retryable) => {
    expect(fault(status, error)).toMatchObject({ kind, retryable, status });
  });

  test("is told with the provider, the status, its words and what to do, on one line", () => {
    expect(fault(429, { message: "slow\r\n\x1b[31mdown" }).message).toBe(
      "Provider P (HTTP 429): too many requests: wait, or use another model (it said: slow [31mdown)",
    );
    expect(fault(502, "<html><title>502 Bad Gateway</title>").message).toContain("502 Bad Gateway");
    expect(fault(500, "x".repeat(5_000)).message.length).toBeLessThan(600);
  });

  test("never shows the key, whole or in the server's own words", () => {
    for (const words of [
      "Incorrect API key provided: sk-secret-1234567890",
      "bad key sk-proj-abcdefgh12345",
      "Bearer abcdefghijkl refused",
    ])
      expect(fault(401, { message: words }).message).not.toMatch(/secret|abcdefgh/);
  });

  test("says how long to wait, by any of the headers or in words", () => {
    const date = "Wed, 21 Oct 2026 07:28:00 GMT";
    expect(fault(429, {}, { "Retry-After": "2" }).retryAfterMs).toBe(2_000);
    expect(fault(429, {}, { "retry-after-ms": "150", "retry-after": "2" }).retryAfterMs).toBe(150);
    expect(fault(429, {}, { "retry-after": ["0"] }).retryAfterMs).toBe(0);
    expect(fault(503, {}, { "retry-after": "Wed, 21 Oct 2026 07:28:30 GMT", date }).retryAfterMs).toBe(30_000);
    expect(fault(429, { message: "Please try again in 7.66s." }).retryAfterMs).toBe(7_660);
    expect(fault(429, { message: "Please try again in 1m20s." }).retryAfterMs).toBe(80_000);
    expect(fault(429, {}, { "retry-after": "soon" }).retryAfterMs).toBeUndefined();
    expect(fault(429, {})).not.toHaveProperty("retryAfterMs");
  });

  test("follows x-should-retry in both directions", () => {
    expect(fault(500, {}, { "x-should-retry": "false" }).retryable).toBe(false);
    expect(fault(400, {}, { "x-should-retry": "true" }).retryable).toBe(true);
  });

  const file = "../shared/data/streams/errors/http-errors.json";
  test.skipIf(!fs.existsSync(file))("of the collected answers has the kind that was read into them", () => {
    const { entries } = JSON.parse(fs.readFileSync(file, "utf8")) as {
      entries: { format: string; status: number; headers: Record<string, string>; body: string; kind: string }[];
    };
    const ours: Record<string, string> = { request_too_large: "context_too_long" };
    // Google's daily quota is told in a shape of its own.
    for (const { status, headers, body, kind } of entries.filter((one) => one.format !== "google"))
      expect(wire.fault(status, headers, body, providerOf()).kind, body).toBe(ours[kind] ?? kind);
  });
});
