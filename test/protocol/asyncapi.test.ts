import fs from "node:fs";
import { expect, test } from "vitest";
import { methodScope } from "../../src/protocol/index.ts";
import { asyncapi, asyncapiText } from "../../src/protocol/schema/asyncapi.ts";

type Json = { [key: string]: Json } & { $ref?: string };

test("the published AsyncAPI document is what the schemas say (else: node src/build/make-asyncapi.ts)", () => {
  expect(fs.readFileSync("src/protocol/schema/asyncapi.json", "utf8")).toBe(asyncapiText());
});

test("every reference in the document leads somewhere", () => {
  const document = asyncapi() as Json;
  let references = 0;
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const { $ref } = value as Json;
    if (typeof $ref === "string") {
      references++;
      const target = $ref
        .slice(2)
        .split("/")
        .reduce<Json | undefined>((at, key) => at?.[key], document);
      expect(target, $ref).toBeDefined();
    }
    for (const child of Object.values(value)) walk(child);
  };
  walk(document);
  expect(references).toBeGreaterThan(100);
});

test("the document has every method, its params, its result, its scope", () => {
  const methods = (asyncapi() as { "x-methods": Record<string, { params: Json; result: Json; scope: string }> })["x-methods"];
  expect(Object.keys(methods)).toEqual(Object.keys(methodScope));
  for (const [method, { scope }] of Object.entries(methods)) expect(scope).toBe((methodScope as Record<string, string>)[method]);
});
