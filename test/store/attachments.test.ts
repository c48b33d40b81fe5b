import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { attachmentPieceBytes } from "../../src/protocol/index.ts";
import { openAttachments, readAttachment } from "../../src/store/attachments.ts";

let directory: string;
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), "crush-attach-"));
});
afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

const hour = 60 * 60_000;
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const open = (used = new Set<string>(), more: { bytesMax?: number; now?(): number } = {}) =>
  openAttachments({ directory, inUse: () => used, ...more });

test("the same content is one file, which only its owner can read", async () => {
  const at = open();
  const hash = await at.put(Buffer.from("hello"));
  expect(await at.put(Buffer.from("hello"))).toBe(hash);
  expect(hash).toBe(sha256(Buffer.from("hello")));
  expect(Buffer.from(readAttachment(directory, hash)!).toString()).toBe("hello");
  const files = fs.readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.map(({ name }) => name)).toEqual([hash]);
  expect(fs.statSync(path.join(files[0]!.parentPath, hash)).mode & 0o077).toBe(0);
  expect(readAttachment(directory, "0".repeat(64))).toBeUndefined();
});

test("two who send the same file at once both end with it", async () => {
  const at = open();
  const bytes = Buffer.alloc(3 * attachmentPieceBytes + 5, 1);
  const hash = sha256(bytes);
  const send = async () => {
    await at.begin({ hash, bytes: bytes.length });
    for (let offset = 0; offset < bytes.length; offset += attachmentPieceBytes)
      await at.piece({ hash, offset, data: bytes.subarray(offset, offset + attachmentPieceBytes) });
    return at.end(hash);
  };
  const ends = await Promise.all([send(), send()]);
  expect(ends.map(({ bytes }) => bytes)).toEqual([bytes.length, bytes.length]);
  expect(Buffer.compare(await at.read(hash), bytes)).toBe(0);
});

test("a piece that a crash has cut is sent again", async () => {
  const bytes = Buffer.alloc(2 * attachmentPieceBytes, 2);
  const hash = sha256(bytes);
  await open().begin({ hash, bytes: bytes.length });
  const [part] = fs.readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".part"));
  fs.writeFileSync(path.join(directory, part!), bytes.subarray(0, attachmentPieceBytes + 100));
  expect(await open().begin({ hash, bytes: bytes.length })).toEqual({ offset: attachmentPieceBytes, complete: false });
});

test("what a message has stays, what none has goes after an hour, a broken upload after a day", async () => {
  let time = Date.now();
  const used = new Set<string>();
  const at = open(used, { now: () => time });
  const [kept, lost] = [await at.put(Buffer.from("kept")), await at.put(Buffer.from("lost"))];
  used.add(kept);
  await at.begin({ hash: sha256(Buffer.from("broken")), bytes: 6 });
  await at.tidy();
  expect(await at.find(lost)).toBeDefined();
  time += 2 * hour;
  // Announced again: its prompt may be on the way.
  await at.begin({ hash: lost, bytes: 4 });
  await at.tidy();
  expect(await at.find(lost)).toBeDefined();
  time += 2 * hour;
  await at.tidy();
  expect(await at.find(lost)).toBeUndefined();
  expect(await at.find(kept)).toBeDefined();
  time += 24 * hour;
  await at.tidy();
  expect(fs.readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".part"))).toEqual([]);
});

test("beyond the bound of all nothing is taken, until something goes", async () => {
  let time = Date.now();
  const at = open(new Set(), { bytesMax: 1_000, now: () => time });
  await at.put(Buffer.alloc(800, 1));
  await expect(at.put(Buffer.alloc(300, 2))).rejects.toMatchObject({ code: "limit" });
  await expect(at.begin({ hash: "1".repeat(64), bytes: 300 })).rejects.toMatchObject({ code: "limit" });
  time += 2 * hour;
  await at.put(Buffer.alloc(300, 2));
});
