import fs from "node:fs";
import type http from "node:http";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { createHttp, isPrivateAddress } from "../../src/net/index.ts";
import { tools } from "../../src/tools/index.ts";
import { serveHttp } from "../support/http-server.ts";
import { bench } from "./support.ts";

const seen: { url: string; headers: http.IncomingHttpHeaders }[] = [];
const pages: Record<string, (response: http.ServerResponse) => void> = {
  "/page": (r) =>
    r
      .setHeader("content-type", "text/html; charset=utf-8")
      .end(
        "<html><head><title>T</title><script>evil()</script></head><body><h1>Héad</h1><p>Some <b>bold</b> <a href='/x'>link</a></p><pre><code>a\n  b</code></pre><ul><li>one<li>two</ul></body></html>",
      ),
  "/json": (r) => r.setHeader("content-type", "application/json").end('{"a":1}'),
  "/latin": (r) => r.setHeader("content-type", "text/plain; charset=iso-8859-1").end(Buffer.from([0x63, 0x61, 0x66, 0xe9])),
  "/binary": (r) => r.setHeader("content-type", "application/octet-stream").end(Buffer.from([0, 1, 2, 3])),
  "/gone": (r) => r.writeHead(404).end("no"),
  "/loop": (r) => r.writeHead(302, { location: "/loop" }).end(),
  "/to-page": (r) => r.writeHead(301, { location: "/page" }).end(),
  "/slow": (r) => void r.writeHead(200).write("x"),
  "/long": (r) => r.setHeader("content-type", "text/plain").end("z".repeat(300_000)),
  "/cut": (r) => {
    r.writeHead(200, { "content-length": "1000" });
    r.write("part");
    setTimeout(() => r.destroy(), 20);
  },
};
const server = await serveHttp((request, response) => {
  seen.push({ url: request.url!, headers: request.headers });
  const page = pages[request.url!];
  if (page) page(response);
  else response.writeHead(404).end();
});
const base = server.url;
const client = createHttp();
afterAll(async () => {
  await client.close();
  await server.close();
});

test("fetch always asks, and says so when a name leads into a private network", async () => {
  const at = await bench({}, { http: client });
  expect(await at.intent("fetch", { url: `${base}/page`, format: "text" })).toMatchObject({
    action: "fetch",
    title: `Fetch ${base}/page (127.0.0.1 is 127.0.0.1, a private address)`,
    url: `${base}/page`,
  });
  expect((await at.intent("fetch", { url: base.replace("127.0.0.1", "localhost"), format: "text" })).title).toMatch(
    /localhost is (127\.0\.0\.1|::1), a private address/,
  );
  for (const url of ["file:///etc/passwd", "example.com", "ftp://x/y", "http://user:pw@x/"])
    expect((await at.intent("fetch", { url, format: "text" })).refuse, url).toBeTruthy();
});

test("a page comes as text, markdown or source; other text as it is, in its own encoding", async () => {
  const at = await bench({}, { http: client });
  const get = async (what: string, format = "markdown") => (await at.call("fetch", { url: base + what, format })).text;
  expect(await get("/page")).toBe("# Héad\n\nSome **bold** [link](/x)\n\n```\na\n  b\n```\n\n- one\n- two");
  expect(await get("/page", "text")).toBe("Héad\n\nSome bold link\n\na\n  b\n\n- one\n- two");
  expect(await get("/page", "html")).toContain("<script>evil()");
  expect(await get("/to-page", "text")).toContain("Héad");
  expect(await get("/json")).toBe('{"a":1}');
  expect(await get("/latin")).toBe("café");
  const long = await get("/long");
  expect(long.length).toBeLessThan(103_000);
  expect(long).toContain("[Cut: 197600 more characters]");
});

test("what cannot be shown is an error that says why", async () => {
  const at = await bench({}, { http: client });
  const get = (what: string) => at.call("fetch", { url: base + what, format: "text", timeout: 1 });
  expect(await get("/gone")).toMatchObject({ isError: true, text: expect.stringContaining("status 404") });
  expect(await get("/binary")).toMatchObject({ isError: true, text: expect.stringContaining("download") });
  expect(await get("/loop")).toMatchObject({ isError: true, text: expect.stringContaining("more than 5 times") });
  expect(await get("/slow")).toMatchObject({ isError: true, text: expect.stringContaining("within 1 s") });
  expect(await get("/cut")).toMatchObject({ isError: true });
  expect(await at.call("fetch", { url: "http://127.0.0.1:1/", format: "text" })).toMatchObject({
    isError: true,
    text: expect.stringContaining("nothing listens"),
  });
});

test("a call that was not asked about as private does not connect to a private address, by name or number", async () => {
  const at = await bench({}, { http: client });
  const fetch = tools.find((tool) => tool.name === "fetch")!;
  const before = seen.length;
  for (const url of [`${base}/page`, `${base.replace("127.0.0.1", "localhost")}/page`, base.replace("127.0.0.1", "[::ffff:127.0.0.1]")]) {
    expect(await fetch.run({ url, format: "text" }, at.context), url).toMatchObject({
      isError: true,
      text: expect.stringContaining("private network"),
    });
  }
  expect(seen.length).toBe(before);
});

test("headers of the caller stay with the first origin", async () => {
  const other = await serveHttp((request, response) => {
    seen.push({ url: request.url!, headers: request.headers });
    response.end("other");
  });
  pages["/away"] = (r) => r.writeHead(302, { location: `${other.url}/there` }).end();
  const answer = await client.get({
    url: `${base}/away`,
    timeoutMs: 5_000,
    bytesMax: 100,
    headers: { authorization: "secret", accept: "text/x" },
    signal: new AbortController().signal,
    allowPrivate: true,
  });
  await other.close();
  expect(Buffer.from(answer.body).toString()).toBe("other");
  expect(seen.at(-1)).toMatchObject({ url: "/there", headers: { accept: "*/*" } });
  expect(seen.at(-1)!.headers.authorization).toBeUndefined();
});

test("download saves what there is, makes directories, and replaces only when it is complete", async () => {
  const at = await bench({ keep: "old" }, { http: client });
  const call = { url: `${base}/binary`, file_path: "new/b.bin" };
  expect(await at.intent("download", call)).toMatchObject({
    action: "download",
    path: path.join(at.root, "new/b.bin"),
    title: expect.stringContaining("to new/b.bin"),
  });
  expect((await at.call("download", call)).text).toContain("Downloaded 4 bytes");
  expect(fs.readFileSync(path.join(at.root, "new/b.bin"))).toEqual(Buffer.from([0, 1, 2, 3]));
  expect((await at.intent("download", { ...call, file_path: "keep" })).title).toContain("(replaces what is there)");
  for (const bad of ["/gone", "/cut"]) expect((await at.call("download", { url: base + bad, file_path: "keep" })).isError, bad).toBe(true);
  expect(at.text("keep")).toBe("old");
  expect((await at.call("download", { ...call, file_path: "new" })).isError).toBe(true);
  expect(fs.readdirSync(at.root).sort()).toEqual(["keep", "new"]);
});

test("a body over the bound leaves no file", async () => {
  const at = await bench();
  const file = path.join(at.root, "f");
  const got = await client.get({
    url: `${base}/long`,
    timeoutMs: 5_000,
    bytesMax: 1_000,
    signal: new AbortController().signal,
    allowPrivate: true,
    toFile: file,
  });
  expect(got.truncated).toBe(true);
  expect(fs.readdirSync(at.root)).toEqual([]);
});

test("private addresses are known in every form", () => {
  for (const address of [
    "127.0.0.1",
    "10.1.2.3",
    "172.31.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fd00::1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "nonsense",
  ])
    expect(isPrivateAddress(address), address).toBe(true);
  for (const address of ["1.1.1.1", "172.32.0.1", "192.167.1.1", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
    expect(isPrivateAddress(address), address).toBe(false);
});
