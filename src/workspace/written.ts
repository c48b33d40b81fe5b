// What a session's tools have written in this turn, so that what a shell command makes of it can be undone, too.
import { createHash } from "node:crypto";
import { readFileSync, type Stats, statSync } from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
import type { FileWrite } from "../contracts/time.ts";

export type WriteRecord = Omit<FileWrite, "session" | "turn">;

/** Below this hashing here is cheaper than the way to another thread (0.1 ms). */
const hashHereBytesMax = 64 << 10;
/** Files that are looked at around a command: more than a turn writes, and 20 us each. */
const watchedMax = 200;
/** Clocks of file systems tick up to 10 ms apart: a change within this time of another may have the same time. */
const sameTickMs = 20;
/** Files that grew beyond this are not followed. */
const followedBytesMax = 16 << 20;

export async function hashOf(content: Uint8Array): Promise<string> {
  if (content.byteLength <= hashHereBytesMax) return createHash("sha256").update(content).digest("hex");
  return Buffer.from(await crypto.subtle.digest("SHA-256", content as Uint8Array<ArrayBuffer>)).toString("hex");
}

/** The topmost directory that making this file would make. */
export async function topmostMissing(file: string): Promise<string | undefined> {
  let missing: string | undefined;
  for (let at = path.dirname(file); ; at = path.dirname(at)) {
    if ((await fs.stat(at).catch(() => undefined)) !== undefined || at === path.dirname(at)) return missing;
    missing = at;
  }
}

const hashHere = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex");

type Stamp = { mtimeMs: number; size: number; ino: number } | undefined;
type Known = { turn: string; hash: string | null; stamp: Stamp };

const stampOf = (file: string): Stamp => {
  const found: Stats | undefined = statSync(file, { throwIfNoEntry: false });
  return found && { mtimeMs: found.mtimeMs, size: found.size, ino: found.ino };
};
const same = (a: Stamp, b: Stamp): boolean =>
  a === b || (a !== undefined && b !== undefined && a.mtimeMs === b.mtimeMs && a.size === b.size && a.ino === b.ino);

export class Written {
  readonly #known = new Map<string, Known>();
  readonly #turn: () => string;
  readonly #record: (write: WriteRecord) => Promise<void>;

  constructor(turn: () => string, record: (write: WriteRecord) => Promise<void>) {
    this.#turn = turn;
    this.#record = record;
  }

  wrote(file: string, hash: string): void {
    this.#known.delete(file);
    this.#known.set(file, { turn: this.#turn(), hash, stamp: stampOf(file) });
    if (this.#known.size > watchedMax) this.#known.delete(this.#known.keys().next().value!);
  }

  /**
   * A command begins. The function that is returned is called when it has ended: files that this turn's tools had written, that were as
   * they left them when it began, and are not any more, were changed by the command.
   */
  commandBegins(): () => Promise<void> {
    const turn = this.#turn();
    const began = Date.now();
    const recent = ({ stamp }: Known): boolean => stamp !== undefined && stamp.mtimeMs > began - sameTickMs;
    const watched = [...this.#known].filter(
      ([file, known]) => known.turn === turn && same(known.stamp, stampOf(file)) && (!recent(known) || hashHere(file) === known.hash),
    );
    return async () => {
      for (const [file, known] of watched) {
        const stamp = stampOf(file);
        if (same(known.stamp, stamp) && !recent(known)) continue;
        if (stamp !== undefined && stamp.size > followedBytesMax) continue;
        const hash = stamp === undefined ? null : await hashOf(readFileSync(file));
        if (hash !== known.hash) await this.#record({ path: file, before: known.hash, after: hash });
        this.#known.set(file, { turn, hash, stamp });
      }
    };
  }
}
