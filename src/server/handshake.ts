import * as limits from "../protocol/limits.ts";
import { protocolVersion, type Welcome } from "../protocol/index.ts";
import type { Shared } from "./connection.ts";

/** What this server can do beyond answering requests. A client ignores what it does not know. */
const capabilities = ["events", "deltas", "screen", "idempotency"];

const isText = (value: unknown, max: number): value is string => typeof value === "string" && value.length <= max;

/** @returns what is wrong with the first frame, and what to do; undefined when it is a hello of our version */
export function checkHello(frame: Record<string, unknown>): string | undefined {
  if (frame.type !== "hello") return "the first frame must be hello: {type, protocol, client: {name, version}, token, capabilities}";
  if (frame.protocol !== protocolVersion)
    return `hello.protocol must be ${protocolVersion}, the only version spoken here: update the older side`;
  const client = frame.client as { name?: unknown; version?: unknown } | null | undefined;
  if (typeof client !== "object" || client === null || !isText(client.name, 256) || !isText(client.version, 256))
    return "hello.client must be {name, version}";
  if (frame.token !== undefined && !isText(frame.token, 4096)) return "hello.token must be a string";
  if (frame.capabilities !== undefined && !(Array.isArray(frame.capabilities) && frame.capabilities.every((name) => isText(name, 256))))
    return "hello.capabilities must be a list of names";
  return undefined;
}

export function welcome(shared: Shared): Welcome {
  return {
    type: "welcome",
    protocol: protocolVersion,
    server: { name: "crush-node", version: shared.version, pid: process.pid },
    epoch: shared.coordinator.epoch,
    capabilities,
    limits: { ...limits, ...shared.limits },
    warnings: [...shared.warnings],
  };
}
