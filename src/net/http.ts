import { randomBytes } from "node:crypto";
import dns from "node:dns/promises";
import fs from "node:fs";
import { isIP, type LookupFunction } from "node:net";
import path from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Dispatcher } from "undici";
import type { Http } from "../contracts/tool.ts";
import { HttpError } from "./error.ts";
import { isPrivateAddress } from "./private-address.ts";

const redirectsMax = 5;
/** To connect and to get the headers; the whole request has the caller's timeout. */
const connectMs = 10_000;
const userAgent = "crush/1.0";

type Request = Parameters<Http["get"]>[0];
type Answer = Awaited<ReturnType<Http["get"]>>;

/** Requests of tools. undici is loaded with the first one. */
export function createHttp(): Http & { close(): Promise<void> } {
  const agents = new Map<boolean, Promise<Dispatcher>>();
  const agent = (allowPrivate: boolean) => {
    let made = agents.get(allowPrivate);
    if (made === undefined) {
      made = import("undici").then(
        ({ Agent }) => new Agent({ connect: { timeout: connectMs, lookup: guardedLookup(allowPrivate) }, keepAliveTimeout: 1_000 }),
      );
      agents.set(allowPrivate, made);
    }
    return made;
  };
  return {
    async lookup(url) {
      const { hostname } = parse(url);
      const host = hostname.replace(/^\[|\]$/g, "");
      if (isIP(host) !== 0) return { host, addresses: [host], private: isPrivateAddress(host) };
      const found = await dns.lookup(host, { all: true }).catch((error: unknown) => {
        throw new HttpError("dns", `The name ${host} is not known (${(error as { code?: string }).code}). Check the address`, error);
      });
      const addresses = found.map((one) => one.address);
      return { host, addresses, private: addresses.some(isPrivateAddress) };
    },
    async get(request) {
      const timeout = AbortSignal.timeout(request.timeoutMs);
      try {
        return await get(request, AbortSignal.any([request.signal, timeout]), agent);
      } catch (error) {
        request.signal.throwIfAborted();
        if (timeout.aborted) throw new HttpError("timeout", `${request.url} did not answer within ${request.timeoutMs / 1_000} s`, error);
        throw explain(error, request.url);
      }
    },
    async close() {
      const open = [...agents.values()];
      agents.clear();
      await Promise.all(open.map(async (made) => (await made).destroy()));
    },
  };
}

async function get(request: Request, signal: AbortSignal, agent: (allowPrivate: boolean) => Promise<Dispatcher>): Promise<Answer> {
  const { request: send } = await import("undici");
  const first = parse(request.url);
  const allowPrivate = request.allowPrivate === true;
  let url = first;
  for (let redirects = 0; ; redirects++) {
    checkLiteral(url, allowPrivate);
    // Another origin gets none of the caller's headers: they may say who asks.
    const headers = {
      "user-agent": userAgent,
      "accept-encoding": "identity",
      ...(url.origin === first.origin ? request.headers : { accept: "*/*" }),
    };
    const { body } = request;
    const post = body === undefined ? { method: "GET" as const } : { method: "POST" as const, body };
    const answer = await send(url, { ...post, headers, signal, dispatcher: await agent(allowPrivate) });
    const location = answer.headers.location;
    if (
      body !== undefined ||
      answer.statusCode < 300 ||
      answer.statusCode >= 400 ||
      answer.statusCode === 304 ||
      typeof location !== "string"
    )
      return receive(request, answer, signal);
    answer.body.on("error", () => {}).destroy();
    if (redirects === redirectsMax) throw new HttpError("too_many_redirects", `${request.url} redirects more than ${redirectsMax} times`);
    url = parse(location, url);
  }
}

async function receive(request: Request, answer: Dispatcher.ResponseData, signal: AbortSignal): Promise<Answer> {
  const contentType = String(answer.headers["content-type"] ?? "");
  const head = { status: answer.statusCode, contentType };
  if (request.toFile !== undefined && answer.statusCode === 200)
    return { ...head, ...(await toFile(request.toFile, answer, request.bytesMax, signal)) };
  const chunks: Buffer[] = [];
  let bytes = 0;
  let truncated = false;
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    const room = request.bytesMax - bytes;
    truncated = chunk.length > room;
    chunks.push(truncated ? chunk.subarray(0, room) : chunk);
    bytes += Math.min(chunk.length, room);
    if (truncated) break;
  }
  return { ...head, body: Buffer.concat(chunks), bytes, truncated };
}

/** Beside its place first, then renamed there: nobody sees half a file, and a failed download leaves none. */
async function toFile(
  file: string,
  answer: Dispatcher.ResponseData,
  bytesMax: number,
  signal: AbortSignal,
): Promise<Omit<Answer, "status" | "contentType">> {
  const none = new Uint8Array();
  if (Number(answer.headers["content-length"] ?? 0) > bytesMax) {
    answer.body.on("error", () => {}).destroy();
    return { body: none, bytes: 0, truncated: true };
  }
  await fs.promises.mkdir(path.dirname(file), { recursive: true });
  const temporary = path.join(path.dirname(file), `.${path.basename(file).slice(0, 100)}.${randomBytes(6).toString("hex")}.part`);
  let bytes = 0;
  const bound = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > bytesMax) done(new HttpError("too_large", "too large"));
      else done(null, chunk);
    },
  });
  try {
    await pipeline(answer.body, bound, fs.createWriteStream(temporary, { flags: "wx" }), { signal });
    await fs.promises.rename(temporary, file);
    return { body: none, bytes, truncated: false };
  } catch (error) {
    await fs.promises.rm(temporary, { force: true });
    if (error instanceof HttpError && error.code === "too_large") return { body: none, bytes, truncated: true };
    throw error;
  }
}

function parse(url: string, base?: URL): URL {
  const parsed = URL.parse(url, base?.href);
  if (parsed === null || (parsed.protocol !== "http:" && parsed.protocol !== "https:"))
    throw new HttpError("bad_url", `${url} is not an http or https address`);
  parsed.username = "";
  parsed.password = "";
  return parsed;
}

const refusal = (host: string) =>
  new HttpError("private_address", `${host} is in a private network, which this call was not approved for. Ask for that address itself`);

/** Addresses written as numbers are never looked up. */
function checkLiteral(url: URL, allowPrivate: boolean): void {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (!allowPrivate && isIP(host) !== 0 && isPrivateAddress(host)) throw refusal(host);
}

/** Judges the address that is connected to, not an earlier answer of the name server. */
function guardedLookup(allowPrivate: boolean): LookupFunction {
  return (host, options, callback) => {
    dns.lookup(host, { ...options, all: true }).then(
      (found) => {
        const blocked = !allowPrivate && found.some((one) => isPrivateAddress(one.address));
        if (blocked) callback(refusal(host), []);
        else if (options.all) callback(null, found);
        else callback(null, found[0]!.address, found[0]!.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}

function explain(error: unknown, url: string): Error {
  if (error instanceof HttpError) return error;
  const cause = (error as { cause?: unknown }).cause;
  if (cause instanceof HttpError) return cause;
  const code = (error as { code?: unknown }).code;
  if (typeof code !== "string") return error as Error;
  const why: Record<string, string> = {
    ENOTFOUND: "its name is not known",
    EAI_AGAIN: "its name could not be looked up",
    ECONNREFUSED: "nothing listens there",
    ECONNRESET: "it closed the connection",
    UND_ERR_SOCKET: "it closed the connection",
    UND_ERR_CONNECT_TIMEOUT: "it cannot be reached in time",
    UND_ERR_HEADERS_TIMEOUT: "it did not answer in time",
  };
  return new HttpError(code, `Cannot get ${url}: ${why[code] ?? (error as Error).message}`, error);
}
