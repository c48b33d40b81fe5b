// Who may talk to us. On TCP a browser on this machine is the adversary: any page can open a socket to loopback, and by DNS
// rebinding it can do so under its own name. So: `Host` must be ours, `Origin` must be absent or listed, and a token is a must.
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Scope } from "../protocol/index.ts";

export type Refusal = { status: number; message: string };

export type HostRule = { port: number; tls: boolean; names: readonly string[] };

const loopbackNames = ["127.0.0.1", "[::1]", "localhost"];

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** Values of `Host` that a TCP listener answers to. */
export function hostRule(bound: { host: string; port: number; tls: boolean }, extra: readonly string[]): HostRule {
  const own = bound.host.includes(":") && !bound.host.startsWith("[") ? `[${bound.host}]` : bound.host;
  const isWildcard = bound.host === "0.0.0.0" || bound.host === "::" || bound.host === "";
  return {
    port: bound.port,
    tls: bound.tls,
    names: [...loopbackNames, ...(isWildcard ? [] : [own]), ...extra].map((name) => name.toLowerCase()),
  };
}

/** @param rule undefined on the Unix socket, which no web page can reach under any name */
export function refuseHost(headers: IncomingHttpHeaders, rule: HostRule | undefined): Refusal | undefined {
  if (!rule) return undefined;
  const host = headers.host?.toLowerCase() ?? "";
  const isDefaultPort = rule.port === (rule.tls ? 443 : 80);
  const fits = rule.names.some((name) => host === `${name}:${rule.port}` || (host === name && (isDefaultPort || /:\d+$/.test(name))));
  return fits
    ? undefined
    : { status: 403, message: "Host is not one of this server's names: use 127.0.0.1 with its port, or add the name to the allowed hosts" };
}

export function refuseOrigin(headers: IncomingHttpHeaders, allowed: readonly string[]): Refusal | undefined {
  const { origin } = headers;
  if (origin === undefined || allowed.includes(origin)) return undefined;
  return { status: 403, message: "web pages may not connect: add this exact Origin to the allowed origins if it is yours" };
}

const digest = (text: string) => createHash("sha256").update(text).digest();

/** Tokens are kept and compared as digests: equal length, and no timing that depends on how much of one was right. */
export class Tokens {
  readonly #known: { digest: Buffer; scope: Scope }[];

  constructor(tokens: readonly { token: string; scope: Scope }[]) {
    this.#known = tokens.filter(({ token }) => token.length > 0).map(({ token, scope }) => ({ digest: digest(token), scope }));
  }

  /** @returns what the token may do; undefined for one that is not known */
  scopeOf(token: string): Scope | undefined {
    const given = digest(token);
    let found: Scope | undefined;
    for (const known of this.#known) if (timingSafeEqual(known.digest, given)) found = known.scope;
    return found;
  }
}

/** @returns the token of `Authorization: Bearer`; undefined when there is none */
export function bearer(headers: IncomingHttpHeaders): string | undefined {
  return /^Bearer +([^ ]+) *$/i.exec(headers.authorization ?? "")?.[1];
}
