// Recorded streams and errors of every wire but Chat Completions (openai-chat-decode.test.ts).
import fs from "node:fs";
import { describe, expect, test } from "vitest";
import type { ProviderFaultKind } from "../../src/contracts/wire-format.ts";
import { openWireFormats } from "../../src/providers/index.ts";
import { cut, haveStreams, streamFiles } from "../kernels/sse-support.ts";
import { decode, wiresOf } from "./decode-support.ts";
import { providerOf } from "./support.ts";

const folder = "../shared/data/streams";
const errors = (name: string) => JSON.parse(fs.readFileSync(`${folder}/errors/${name}.json`, "utf8"));
const providers = {
  "openai-responses": { type: "openai", baseUrl: "https://api.openai.com/v1" },
  anthropic: { type: "anthropic" },
  google: { type: "google" },
} as const;

describe.skipIf(!haveStreams)("recorded streams (../shared/data)", () => {
  test.each(Object.entries(providers))("%s: give the same records by kernel and plain version, whole and cut", (format, provider) => {
    const wires = wiresOf(provider);
    const files = streamFiles(format);
    expect(files.length).toBeGreaterThan(10);
    for (const { id, bytes } of files) {
      const want = decode([bytes], wires[1]!.wire);
      expect(want.length, id).toBeGreaterThan(0);
      // Byte by byte, the long ones would take seconds.
      for (const { mode, wire } of wires)
        for (const max of bytes.length > 20_000 ? [50] : [1, 50])
          expect(decode(cut(bytes, max), wire), `${id} ${mode} ${max}`).toEqual(want);
    }
  });

  test.each(Object.entries(providers))(
    "%s: cut anywhere in the midst keep what came and end in one retryable error",
    (format, provider) => {
      const { wire } = wiresOf(provider)[0]!;
      type Cut = { file: string; format: string; cutAtByte: number; textSoFar: string; sawFinish: boolean; how: string };
      const cuts = (errors("truncations").entries as Cut[]).filter((one) => one.format === format);
      expect(cuts).not.toEqual([]);
      for (const { file, cutAtByte, textSoFar, sawFinish, how } of cuts) {
        const records = decode(cut(fs.readFileSync(`${folder}/${file}`).subarray(0, cutAtByte), 60), wire);
        expect(records.flatMap((record) => (record.kind === "text" ? [record.text] : [])).join(""), `${file} ${how}`).toBe(textSoFar);
        const broken = records.filter((record) => record.kind === "error");
        expect(broken.length, `${file} ${how}`).toBe(sawFinish ? 0 : 1);
        if (!sawFinish) expect(broken[0]).toMatchObject({ error: { kind: "network", retryable: true } });
      }
    },
  );

  test.each(Object.entries(providers))("%s: with an error spliced in keep the text before it and tell the error", (format, provider) => {
    const { wire } = wiresOf(provider)[0]!;
    type Spliced = { file: string; format: string; cutAtByte: number; then: string; textBefore: string };
    for (const { file, cutAtByte, then, textBefore } of (errors("midstream").spliced as Spliced[]).filter((one) => one.format === format)) {
      const records = decode([Buffer.concat([fs.readFileSync(`${folder}/${file}`).subarray(0, cutAtByte), Buffer.from(then)])], wire);
      expect(records.flatMap((record) => (record.kind === "text" ? [record.text] : [])).join(""), file).toBe(textBefore);
      expect(records.at(-1), file).toMatchObject({ kind: "error", error: { retryable: true } });
    }
  });

  test("what ran at the provider, pictures and items of other shapes are all kept", () => {
    type Event = {
      type?: string;
      content_block?: { type: string };
      item?: { type: string };
      candidates?: { content?: { parts?: Record<string, unknown>[] } }[];
    };
    /** Types of what must be kept, by wire; the decoders have parts for the rest. */
    const wanted: Record<string, (event: Event) => (string | undefined)[]> = {
      anthropic: ({ type, content_block }) => [type === "content_block_start" ? content_block?.type : undefined],
      "openai-responses": ({ type, item }) => [type === "response.output_item.done" ? item?.type : undefined],
      google: ({ candidates }) => candidates?.[0]?.content?.parts?.flatMap(Object.keys) ?? [],
    };
    const parts = new Set(["text", "thinking", "redacted_thinking", "tool_use", "message", "reasoning", "function_call"]);
    for (const key of ["functionCall", "thought", "thoughtSignature"]) parts.add(key);
    let all = 0;
    for (const [format, provider] of Object.entries(providers)) {
      const { wire } = wiresOf(provider)[0]!;
      for (const { id, bytes } of streamFiles(format)) {
        const kept = decode([bytes], wire).flatMap((record) => {
          const { block, item, part, left } = record.kind === "signature" ? JSON.parse(record.text) : {};
          return left ? [left] : [block?.type ?? item?.type ?? (part && Object.keys(part)[0])].filter(Boolean);
        });
        const events = [...bytes.toString().matchAll(/^data: ?(\{.*)$/gm)].flatMap(([, json]) => {
          try {
            return [JSON.parse(json!) as Event];
          } catch {
            return [];
          }
        });
        const want = events.flatMap(wanted[format]!).filter((type) => type !== undefined && !parts.has(type));
        all += want.length;
        expect(kept, id).toEqual(want);
      }
    }
    expect(all).toBeGreaterThan(20);
  });

  test("HTTP errors are of the kind that a person would say", () => {
    type Answer = { format: string; status: number; headers: Record<string, string>; body: string; kind: string };
    for (const { format, status, headers, body, kind } of errors("http-errors").entries as Answer[]) {
      const provider = Object.hasOwn(providers, format) ? providers[format as keyof typeof providers] : { type: "openai-compat" as const };
      const wire = openWireFormats("dist/kernels", "plain")(provider)!;
      const want = kind === "request_too_large" ? "context_too_long" : (kind as ProviderFaultKind);
      expect(wire.fault(status, headers, body, providerOf()).kind, body).toBe(want);
    }
  });
});

test("Google's errors say why, and when to come again", () => {
  const wire = openWireFormats("dist/kernels", "plain")({ type: "google" })!;
  const fault = (status: number, error: object) => wire.fault(status, {}, JSON.stringify([{ error }]), providerOf());
  const retry = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34.07s" };
  expect(
    fault(429, { code: 429, message: "You exceeded your current quota", status: "RESOURCE_EXHAUSTED", details: [retry] }),
  ).toMatchObject({
    kind: "rate_limit",
    retryAfterMs: 34_070,
  });
  const daily = { violations: [{ quotaId: "GenerateRequestsPerDayPerProjectPerModel-FreeTier" }] };
  expect(fault(429, { code: 429, message: "m", status: "RESOURCE_EXHAUSTED", details: [daily, retry] })).toMatchObject({ kind: "quota" });
  const key = { reason: "API_KEY_INVALID" };
  expect(fault(400, { code: 400, message: "API key not valid.", status: "INVALID_ARGUMENT", details: [key] })).toMatchObject({
    kind: "bad_key",
  });
  expect(fault(503, { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" })).toMatchObject({ kind: "overloaded" });
  expect(fault(404, { code: 404, message: "m", status: "NOT_FOUND" })).toMatchObject({ kind: "not_found" });
  expect(fault(504, { code: 504, message: "m", status: "DEADLINE_EXCEEDED" })).toMatchObject({ kind: "timeout" });
});
