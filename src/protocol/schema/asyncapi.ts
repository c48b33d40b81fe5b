// The published description: AsyncAPI 3, made from the same schemas that check requests. `src/build/make-asyncapi.ts` writes it.
import { z } from "zod";
import { closeCode } from "../errors.ts";
import * as limits from "../limits.ts";
import type { MethodName } from "../methods.ts";
import { methodScope, mutating } from "../scopes.ts";
import { protocolPath, protocolVersion, subprotocolJson, subprotocolMsgpack } from "../version.ts";
import { clientFrames, serverFrames } from "./frames.ts";
import { paramsSchema } from "./params.ts";
import { resultSchema } from "./results.ts";

type Json = Record<string, unknown>;

const ref = (to: string) => ({ $ref: `#/components/${to}` });
const pascal = (name: string) => name.replace(/(^|\.)(\w)/g, (_, __, letter: string) => letter.toUpperCase());

/** The name of what a method takes or gives: its own, unless the schema has one that others use too. */
function nameOf(method: MethodName, half: "params" | "result"): string {
  const schema = half === "params" ? paramsSchema[method] : resultSchema[method];
  return z.globalRegistry.get(schema)?.id ?? pascal(`${method}.${half}`);
}

/** JSON Schemas of everything that has an id, and of each method's params and result, with references between them. */
function schemas(): Record<string, Json> {
  const registry = z.registry<{ id: string }>();
  const seen = new Set<z.core.$ZodType>();
  const collect = (schema: z.core.$ZodType): void => {
    if (seen.has(schema)) return;
    seen.add(schema);
    const { id } = z.globalRegistry.get(schema) ?? {};
    if (id !== undefined) registry.add(schema, { id });
    for (const child of children(schema)) collect(child);
  };
  for (const frame of [...Object.values(clientFrames), ...Object.values(serverFrames)]) collect(frame);
  for (const method of Object.keys(methodScope) as MethodName[]) {
    for (const [schema, name] of [
      [paramsSchema[method], nameOf(method, "params")],
      [resultSchema[method], nameOf(method, "result")],
    ] as const) {
      collect(schema);
      registry.add(schema, { id: name });
    }
  }
  const { schemas: made } = z.toJSONSchema(registry, {
    uri: (id) => `#/components/schemas/${id}`,
    unrepresentable: "any",
    // Unknown fields are ignored, by us and by whoever validates with this.
    override: ({ jsonSchema, zodSchema }) => {
      if (zodSchema._zod.def.type === "object" && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      if (zodSchema._zod.def.type === "custom") Object.assign(jsonSchema, { type: "string", contentEncoding: "base64" });
    },
  });
  return Object.fromEntries(
    Object.entries(made as Record<string, Json>)
      .map(([name, { $schema: _, $id: __, id: ___, ...schema }]): [string, Json] => [name, schema])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function children(schema: z.core.$ZodType): z.core.$ZodType[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "object":
      return Object.values(def.shape);
    case "array":
      return [def.element];
    case "record":
      return [def.keyType, def.valueType];
    case "union":
      return [...def.options];
    case "optional":
      return [def.innerType];
    default:
      return [];
  }
}

function methods(): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(methodScope).map(([method, scope]) => [
      method,
      {
        params: ref(`schemas/${nameOf(method as MethodName, "params")}`),
        result: ref(`schemas/${nameOf(method as MethodName, "result")}`),
        scope,
        idempotencyKey: mutating.has(method as MethodName),
      },
    ]),
  );
}

/** @returns the whole document, as plain data */
export function asyncapi(): Json {
  const client = Object.keys(clientFrames).map(pascal);
  const server = Object.keys(serverFrames).map(pascal);
  const message = (name: string): [string, Json] => [name, { name, contentType: "application/json", payload: ref(`schemas/${name}`) }];
  const protocolNames = [subprotocolMsgpack, subprotocolJson];
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Crush protocol",
      version: `${protocolVersion}.0.0`,
      description: [
        `WebSocket at ${protocolPath}. Subprotocol ${subprotocolMsgpack}: binary frames, msgpack maps. ${subprotocolJson}: text frames, the same messages as JSON, byte strings as base64.`,
        "The client says hello, the server answers welcome. Requests carry an id and are answered exactly once. Unknown fields are ignored, an unknown method is an error answer.",
        `Close codes: ${closeCode.malformed} a frame cannot be decoded; ${closeCode.policy} a frame breaks a rule; 1009 a frame is too large; ${closeCode.restart} the server ends, connect again; ${closeCode.slowConsumer} the client did not read, connect again and subscribe after the last seq.`,
        "Compression is not offered.",
      ].join("\n\n"),
    },
    defaultContentType: "application/json",
    servers: {
      local: {
        host: "localhost",
        protocol: "ws",
        description: "A Unix socket or Windows pipe named in the discovery file; the Host header does not matter there",
      },
      tcp: {
        host: "127.0.0.1:{port}",
        protocol: "ws",
        variables: { port: { description: "As given with --listen" } },
        security: [ref("securitySchemes/token")],
      },
    },
    channels: {
      v1: {
        address: protocolPath,
        bindings: {
          ws: {
            method: "GET",
            headers: {
              type: "object",
              properties: { "Sec-WebSocket-Protocol": { type: "string", enum: protocolNames }, Authorization: { type: "string" } },
            },
            bindingVersion: "0.1.0",
          },
        },
        messages: Object.fromEntries([...client, ...server].map((name) => [name, ref(`messages/${name}`)])),
      },
    },
    operations: {
      fromClient: {
        action: "receive",
        channel: { $ref: "#/channels/v1" },
        messages: client.map((name) => ({ $ref: `#/channels/v1/messages/${name}` })),
      },
      fromServer: {
        action: "send",
        channel: { $ref: "#/channels/v1" },
        messages: server.map((name) => ({ $ref: `#/channels/v1/messages/${name}` })),
      },
    },
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer", description: "256 bits; or in the token field of hello" } },
      messages: Object.fromEntries([...client, ...server].map(message)),
      schemas: schemas(),
    },
    "x-methods": methods(),
    "x-limits": Object.fromEntries(Object.entries(limits).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** The text of asyncapi.json. */
export function asyncapiText(): string {
  return `${JSON.stringify(asyncapi(), null, 2)}\n`;
}
