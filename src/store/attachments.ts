// Attachments are files of their own, named by the SHA-256 of their contents: a gigabyte must not go through the database's log.
//
//   <data directory>/attachments/ab/abcd...       a whole one, never changed
//   <data directory>/attachments/ab/abcd....part  an upload that is not over; its size is how far it has come
//
// A whole one appears by a rename after its contents are on disk, so what is there under a hash is that. Nothing is held in memory or open
// between pieces.
import { createHash, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
import type { Attachments, Stored } from "../contracts/attachments.ts";
import { attachmentBytesMax, attachmentPieceBytes, CommandError } from "../protocol/index.ts";
import { attachmentKeptMs, attachmentsBytesMax, uploadKeptMs } from "./limits.ts";

/** Enough to tell what a file is, and whether it begins as text. */
const headBytes = 4 << 10;

export const attachmentsDirectory = (dataDir: string): string => path.join(dataDir, "attachments");

const fileOf = (directory: string, hash: string): string => path.join(directory, hash.slice(0, 2), hash);

/** All of an attachment; undefined when it is not there (any more). For a session worker, when a request is put together. */
export function readAttachment(directory: string, hash: string): Uint8Array | undefined {
  try {
    return readFileSync(fileOf(directory, hash));
  } catch {
    return undefined;
  }
}

/** The directory is made with the first attachment. */
export function openAttachments(options: {
  directory: string;
  /** Hashes that messages have. Asked for seldom. */
  inUse(): ReadonlySet<string>;
  now?(): number;
  bytesMax?: number;
}): Attachments {
  const { directory, inUse, now = Date.now, bytesMax = attachmentsBytesMax } = options;
  /** About: what is there, and what has been announced since. */
  let total: number | undefined;
  let tidiedAt = 0;
  /** One thing at a time for each hash: two clients may send the same file. */
  const busy = new Map<string, Promise<unknown>>();
  const alone = async <Result>(hash: string, work: () => Promise<Result>): Promise<Result> => {
    const mine = (busy.get(hash) ?? Promise.resolve()).then(work, work);
    const kept = mine.catch(() => {});
    busy.set(hash, kept);
    try {
      return await mine;
    } finally {
      if (busy.get(hash) === kept) busy.delete(hash);
    }
  };
  const whole = (hash: string): string => fileOf(directory, hash);
  const part = (hash: string): string => `${whole(hash)}.part`;

  /** Removes what no message has and no prompt waits for; answers the bytes of what stays. */
  async function tidy(): Promise<number> {
    tidiedAt = now();
    const used = inUse();
    let total = 0;
    for (const name of await fs.readdir(directory, { recursive: true }).catch(() => [])) {
      const file = path.join(directory, name);
      const found = await fs.stat(file).catch(() => undefined);
      if (!found?.isFile()) continue;
      const kept = name.endsWith(".part") ? uploadKeptMs : used.has(path.basename(name)) ? Number.POSITIVE_INFINITY : attachmentKeptMs;
      if (found.mtimeMs < now() - kept) await fs.rm(file, { force: true });
      else total += found.size;
    }
    return total;
  }

  /** Sees to it that a new one may come, and to its directory. @throws CommandError `limit` */
  async function makeRoom(hash: string, bytes: number): Promise<void> {
    if (bytes > attachmentBytesMax)
      throw new CommandError("limit", `${bytes} bytes are too many for an attachment, at most ${attachmentBytesMax} are taken`);
    if (total === undefined || now() - tidiedAt > attachmentKeptMs || total + bytes > bytesMax) total = await tidy();
    if (total + bytes > bytesMax)
      throw new CommandError(
        "limit",
        `${total} bytes of attachments are kept, at most ${bytesMax} are: delete sessions that have large ones`,
      );
    total += bytes;
    await fs.mkdir(path.dirname(whole(hash)), { recursive: true, mode: 0o700 });
  }

  async function stored(hash: string): Promise<Stored | undefined> {
    const handle = await fs.open(whole(hash), "r").catch(() => undefined);
    if (handle === undefined) return undefined;
    try {
      const { size } = await handle.stat();
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
      return { bytes: size, head: buffer.subarray(0, bytesRead) };
    } finally {
      await handle.close();
    }
  }

  /** A prompt is going to name it. */
  const fresh = (file: string): Promise<void> => fs.utimes(file, now() / 1_000, now() / 1_000);

  async function finish(hash: string): Promise<void> {
    const handle = await fs.open(part(hash), "r+");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    await place(part(hash), hash);
  }

  /** A file whose contents are on disk becomes the attachment. */
  async function place(file: string, hash: string): Promise<void> {
    await fs.rename(file, whole(hash));
    await syncDirectory(path.dirname(whole(hash)));
  }

  return {
    begin: ({ hash, bytes }) =>
      alone(hash, async () => {
        const known = await stored(hash);
        if (known !== undefined) {
          await fresh(whole(hash));
          return { offset: known.bytes, complete: true };
        }
        await makeRoom(hash, bytes);
        const handle = await fs.open(part(hash), "a", 0o600);
        try {
          const { size } = await handle.stat();
          // A piece that a crash has cut is sent again.
          const offset = size > bytes ? 0 : size - (size === bytes ? 0 : size % attachmentPieceBytes);
          if (offset !== size) await handle.truncate(offset);
          return { offset, complete: false };
        } finally {
          await handle.close();
        }
      }),

    piece: ({ hash, offset, data }) =>
      alone(hash, async () => {
        const handle = await fs.open(part(hash), "r+").catch(() => undefined);
        if (handle === undefined) {
          const known = await stored(hash);
          if (known !== undefined) return { offset: known.bytes };
          throw new CommandError("not_found", `No upload of ${hash} has begun here: send attachment.begin first`);
        }
        try {
          const { size } = await handle.stat();
          if (offset + data.length <= size) return { offset: size };
          if (offset !== size)
            throw new CommandError("bad_request", `The piece begins at ${offset}, but ${size} bytes are here: go on from there`, {
              data: { offset: size },
            });
          if (size + data.length > attachmentBytesMax)
            throw new CommandError("limit", `An attachment has at most ${attachmentBytesMax} bytes`);
          await handle.write(data, 0, data.length, offset);
          return { offset: offset + data.length };
        } finally {
          await handle.close();
        }
      }),

    end: (hash) =>
      alone(hash, async () => {
        const known = await stored(hash);
        if (known !== undefined) return known;
        const found = await hashOfFile(part(hash));
        if (found === undefined) throw new CommandError("not_found", `No upload of ${hash} has begun here: send attachment.begin first`);
        if (found !== hash) {
          await fs.rm(part(hash), { force: true });
          throw new CommandError("bad_request", `What was sent has the SHA-256 ${found}, not ${hash}; it was thrown away: send it again`);
        }
        await finish(hash);
        return (await stored(hash))!;
      }),

    async put(content) {
      const hash = createHash("sha256").update(content).digest("hex");
      await alone(hash, async () => {
        if ((await stored(hash)) !== undefined) return fresh(whole(hash));
        await makeRoom(hash, content.length);
        // Not the upload's file: one may be under way.
        const file = `${whole(hash)}.${randomUUID()}.part`;
        const handle = await fs.open(file, "wx", 0o600);
        try {
          await handle.writeFile(content);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await place(file, hash);
      });
      return hash;
    },

    find: stored,
    async tidy() {
      total = await tidy();
    },
    async read(hash) {
      try {
        return await fs.readFile(whole(hash));
      } catch (cause) {
        throw new CommandError("not_found", `The attachment ${hash} is not here`, { cause });
      }
    },
  };
}

/** Read at once to be hashed: half a millisecond of work. Each reading leaves a kilobyte or two behind, so it should be few. */
const hashBytes = 512 << 10;

/** In pieces, so that neither memory nor the event loop notices a large one. */
async function hashOfFile(file: string): Promise<string | undefined> {
  const handle = await fs.open(file, "r").catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const hash = createHash("sha256");
    const buffer = Buffer.alloc(hashBytes);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return hash.digest("hex");
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}

/** So that the name survives a power cut, too. Windows has no such thing. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await fs.open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
