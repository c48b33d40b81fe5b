// Files that come with prompts: by path, by upload, pictures and everything else.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { attachmentPieceBytes, pictureBytesMax } from "../../src/protocol/index.ts";
import type { Client } from "../../src/sdk/index.ts";
import { openProduct, type Product, simulatedProvider } from "../support/product.ts";

let product: Product;
let client: Client;
beforeAll(async () => {
  product = await openProduct();
  const config = simulatedProvider(product.simulator.url) as { providers: { sim: { models: Record<string, unknown>[] } } };
  config.providers.sim.models[0]!.supports_attachments = true;
  product.writeConfig(config);
  await product.serve();
  client = product.connect();
});
afterAll(() => product[Symbol.asyncDispose]());

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
/** A PNG as far as its first bytes tell. */
const picture = (bytes = 3_000): Buffer => {
  const all = Buffer.alloc(bytes, 7);
  Buffer.from("89504e470d0a1a0a", "hex").copy(all);
  return all;
};

async function send(file: Buffer, from = 0): Promise<void> {
  const hash = sha256(file);
  for (let offset = from; offset < file.length; offset += attachmentPieceBytes)
    await client.request("attachment.chunk", {
      hash,
      offset,
      data: file.subarray(offset, offset + attachmentPieceBytes).toString("base64"),
    });
}
async function upload(file: Buffer): Promise<string> {
  const hash = sha256(file);
  const { offset, complete } = await client.request("attachment.begin", { hash, bytes: file.length });
  if (!complete) await send(file, offset);
  await client.request("attachment.end", { hash });
  return hash;
}

/** One session for each model: a second one might start another worker, whose memory is not what is measured here. */
const sessions = new Map<string, { id: string; ended: () => void }>();
/** Prompts, waits for the answer, and gives what the provider was sent as the user's words. */
async function prompt(files: { path: string; text?: string; hash?: string }[], model = "large-one"): Promise<unknown> {
  product.simulator.play({ text: "seen" });
  let known = sessions.get(model);
  if (known === undefined) {
    const created = await client.request("session.create", { workspace: product.workspace, title: "t", model: { provider: "sim", model } });
    const made = { id: created.session.id, ended: () => {} };
    client.subscribe(made.id, { onEvent: (event) => event.kind === "turn.completed" && made.ended() });
    sessions.set(model, made);
    known = made;
  }
  const { promise, resolve } = Promise.withResolvers<void>();
  known.ended = resolve;
  await client.request("session.prompt", { session: known.id, text: "look", files });
  await promise;
  return product.simulator.seen.at(-1)!.body.messages.findLast(({ role }) => role === "user")!.content;
}

test("a picture of the workspace goes to a model that takes pictures, byte for byte, and is left out with words for one that does not", async () => {
  const bytes = picture();
  // What it is its bytes say, not its name.
  fs.writeFileSync(path.join(product.workspace, "shot.txt"), bytes);
  const url = `data:image/png;base64,${bytes.toString("base64")}`;
  expect(await prompt([{ path: "shot.txt" }])).toContainEqual({ type: "image_url", image_url: { url } });
  const blind = JSON.stringify(await prompt([{ path: "shot.txt" }], "small-one"));
  expect(blind).toContain("left out: you cannot be shown pictures");
  expect(blind).not.toContain("base64");
});

test("a picture stays in the session: later turns send it again from what was kept, though the file is gone", async () => {
  const bytes = picture(5_000);
  const file = path.join(product.workspace, "gone.png");
  fs.writeFileSync(file, bytes);
  product.simulator.play({ text: "seen" });
  const first = await product.run(["run", "hello"]);
  expect(first.code).toBe(0);
  const { session } = await client.request("session.get", { session: "last", workspace: product.workspace });
  const ends: string[] = [];
  client.subscribe(session.id, { onEvent: (event) => event.kind === "turn.completed" && void ends.push(event.data.turn.id) });
  await client.request("session.prompt", { session: session.id, text: "look", files: [{ path: "gone.png" }] });
  await expect.poll(() => ends.length).toBeGreaterThan(0);
  fs.rmSync(file);
  // Another process reads it from the store: what this one knows by heart is gone.
  await client.request("server.stop", { force: true });
  expect((await product.run(["run", "--session", session.id, "and now?"])).code).toBe(0);
  expect(product.simulator.seen.at(-1)!.raw).toContain(bytes.toString("base64"));
  const { messages } = await client.request("session.messages", { session: session.id });
  const part = messages.flatMap(({ parts }) => parts).find(({ kind }) => kind === "file");
  expect(part).toMatchObject({ path: "gone.png", mime: "image/png", bytes: 5_000, blob: sha256(bytes) });
  expect(part).not.toHaveProperty("text");
});

test("an upload in pieces is a picture of a prompt; the same file is not sent twice", async () => {
  const bytes = picture(200_000);
  const hash = await upload(bytes);
  expect(await client.request("attachment.begin", { hash, bytes: bytes.length })).toEqual({ offset: bytes.length, complete: true });
  expect(JSON.stringify(await prompt([{ path: "pasted.png", hash }]))).toContain(bytes.toString("base64"));
});

test("an uploaded text stands in the prompt as text, another document is named", async () => {
  const text = await prompt([{ path: "notes.md", hash: await upload(Buffer.from("# Größe 日本")) }]);
  expect(JSON.stringify(text)).toContain("# Größe 日本");
  const pdf = JSON.stringify(await prompt([{ path: "paper.pdf", hash: await upload(Buffer.from("%PDF-1.7 …")) }]));
  expect(pdf).toContain("application/pdf");
  expect(pdf).toContain("content not shown");
});

test("an upload that broke off goes on where it was; pieces may come twice, not with a gap", async () => {
  const bytes = picture(3 * attachmentPieceBytes + 10);
  const hash = sha256(bytes);
  await client.request("attachment.begin", { hash, bytes: bytes.length });
  const piece = (n: number) => ({
    hash,
    offset: n * attachmentPieceBytes,
    data: bytes.subarray(n * attachmentPieceBytes, (n + 1) * attachmentPieceBytes).toString("base64"),
  });
  await client.request("attachment.chunk", piece(0));
  await client.request("attachment.chunk", piece(0));
  await expect(client.request("attachment.chunk", piece(2))).rejects.toMatchObject({
    code: "bad_request",
    data: { offset: attachmentPieceBytes },
  });
  await expect(client.request("attachment.end", { hash })).rejects.toMatchObject({ code: "bad_request" });
  // What was wrong is thrown away: from the beginning.
  expect(await client.request("attachment.begin", { hash, bytes: bytes.length })).toEqual({ offset: 0, complete: false });
  await client.request("attachment.chunk", piece(0));
  await client.request("attachment.chunk", piece(1));
  await client.request("server.stop", { force: true });
  expect(await client.request("attachment.begin", { hash, bytes: bytes.length })).toEqual({
    offset: 2 * attachmentPieceBytes,
    complete: false,
  });
  await send(bytes, 2 * attachmentPieceBytes);
  expect(await client.request("attachment.end", { hash })).toEqual({ bytes: bytes.length, mime: "image/png" });
});

test("a directory is given as a tree without what is ignored, and a large or binary file by its name and size", async () => {
  const put = (name: string, text: string) => {
    fs.mkdirSync(path.dirname(path.join(product.workspace, name)), { recursive: true });
    fs.writeFileSync(path.join(product.workspace, name), text);
  };
  put("lib/a.ts", "");
  put("lib/deep/b.ts", "");
  put("lib/node_modules/x/index.js", "");
  put("lib/secret.log", "");
  put("lib/.gitignore", "*.log\n");
  put("big.csv", "x".repeat(pictureBytesMax + 1));
  put("data.bin", "a\0b");
  const sent = JSON.stringify(await prompt([{ path: "lib" }, { path: "big.csv" }, { path: "data.bin" }]));
  expect(sent).toContain(JSON.stringify('<directory path="lib">\n.gitignore\na.ts\ndeep/\n  b.ts\n</directory>').slice(1, -1));
  expect(sent).toContain(`bytes=\\"${pictureBytesMax + 1}\\"`);
  expect(sent).toContain("data.bin");
  expect(sent).not.toContain("xxxxx");
});

test("what cannot be attached is refused with its reason: too large a picture, an unknown hash, no such file", async () => {
  fs.writeFileSync(path.join(product.workspace, "huge.png"), picture(pictureBytesMax + 1));
  await expect(prompt([{ path: "huge.png" }])).rejects.toMatchObject({
    code: "limit",
    message: expect.stringContaining(String(pictureBytesMax)),
  });
  await expect(prompt([{ path: "x.png", hash: "0".repeat(64) }])).rejects.toMatchObject({ code: "not_found" });
  await expect(prompt([{ path: "nowhere.txt" }])).rejects.toMatchObject({ code: "not_found" });
});

test.runIf(fs.existsSync("/proc/self/status"))(
  "a gigabyte is uploaded, kept, and named in a prompt with less than 20 MB of memory",
  async () => {
    const file = path.join(product.root, "sparse");
    fs.writeFileSync(file, "");
    fs.truncateSync(file, 2 ** 30);
    const hasher = createHash("sha256");
    const zeros = Buffer.alloc(attachmentPieceBytes);
    const data = zeros.toString("base64");
    const pieces = 2 ** 30 / attachmentPieceBytes;
    for (let at = 0; at < pieces; at++) hasher.update(zeros);
    const hash = hasher.digest("hex");
    // What a server has that has seen prompts and uploads.
    await prompt([{ path: "small", hash: await upload(Buffer.alloc(16 << 20)) }]);
    const { pid } = product.discovery()!;
    const before = anonymousBytes(pid);
    let most = 0;
    await client.request("attachment.begin", { hash, bytes: 2 ** 30 });
    const inFlight = new Set<Promise<unknown>>();
    for (let at = 0; at < pieces; at++) {
      const sent = client.request("attachment.chunk", { hash, offset: at * attachmentPieceBytes, data });
      inFlight.add(sent);
      void sent.then(() => inFlight.delete(sent));
      if (inFlight.size >= 4) await Promise.race(inFlight);
      if (at % 256 === 0) most = Math.max(most, anonymousBytes(pid));
    }
    await Promise.all(inFlight);
    expect(await client.request("attachment.end", { hash })).toMatchObject({ bytes: 2 ** 30 });
    most = Math.max(most, anonymousBytes(pid));
    expect(JSON.stringify(await prompt([{ path: "sparse", hash }]))).toContain(`bytes=\\"${2 ** 30}\\"`);
    fs.renameSync(file, path.join(product.workspace, "sparse"));
    expect(JSON.stringify(await prompt([{ path: "sparse" }]))).toContain(`bytes=\\"${2 ** 30}\\"`);
    most = Math.max(most, anonymousBytes(pid));
    expect(most - before).toBeLessThan(20 << 20);
  },
  120_000,
);

/** Memory of its own: not what is mapped from files. */
function anonymousBytes(pid: number): number {
  return Number(/^RssAnon:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"))![1]) * 1024;
}

test("crush run --attach uploads files from where it is called, pictures and text; one that is not there is a usage error", async () => {
  const elsewhere = fs.mkdtempSync(path.join(product.root, "else"));
  fs.writeFileSync(path.join(elsewhere, "a.png"), picture(100_001));
  fs.writeFileSync(path.join(product.workspace, "b.md"), "# From a file");
  product.simulator.play({ text: "seen" });
  const run = await product.run(["run", "--model", "large-one", "--attach", path.join(elsewhere, "a.png"), "-a", "b.md", "look"]);
  expect(run).toMatchObject({ code: 0, stdout: "seen\n" });
  const { raw } = product.simulator.seen.at(-1)!;
  expect(raw).toContain(picture(100_001).toString("base64"));
  expect(raw).toContain("# From a file");
  expect(await product.run(["run", "--attach", "nowhere.png", "look"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("there is no such file"),
  });
});
