import fs from "node:fs";
import path from "node:path";

/** Of one job's output on disk; what comes after is counted and dropped, and the file says so. */
export const spillBytesMax = 64 << 20;
/** Bytes that may wait for a slow disk before the child is no longer read. */
const waitingBytes = 4 << 20;

/** A file that a server left behind which could not clean up (it was killed) goes after this time. */
const strayMs = 8 * 60 * 60_000;

/** Removes what earlier servers left in the directory. Errors are of no interest: it is tried again by the next one. */
export async function removeStrays(directory: string, now: number): Promise<void> {
  for (const name of await fs.promises.readdir(directory).catch(() => [])) {
    if (!/^job-\d+-.*\.log$/.test(name)) continue;
    const file = path.join(directory, name);
    const found = await fs.promises.stat(file).catch(() => undefined);
    if (found !== undefined && now - found.mtimeMs > strayMs) await fs.promises.rm(file, { force: true }).catch(() => {});
  }
}

/** A job's whole output, both streams as they came, in a file that only its owner reads. Made when the memory's bound is passed. */
export class Spill {
  readonly file: string;
  readonly #stream: fs.WriteStream;
  readonly #bytesMax: number;
  #bytes = 0;
  #failed = false;

  constructor(directory: string, name: string, onDrain: () => void, bytesMax = spillBytesMax) {
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.file = path.join(directory, name);
    this.#bytesMax = bytesMax;
    this.#stream = fs.createWriteStream(this.file, { mode: 0o600, highWaterMark: waitingBytes });
    this.#stream.on("drain", onDrain);
    this.#stream.on("error", () => {
      // A full disk costs the file, not the job: the head and the tail are in memory.
      this.#failed = true;
      onDrain();
    });
  }

  get full(): boolean {
    return this.#failed || this.#bytes >= this.#bytesMax;
  }

  /** False: stop reading until `onDrain`. */
  write(chunk: Uint8Array): boolean {
    if (this.full) return true;
    const room = this.#bytesMax - this.#bytes;
    this.#bytes += chunk.length;
    if (chunk.length < room) return this.#stream.write(chunk);
    this.#stream.write(chunk.subarray(0, room));
    this.#stream.write(`\n[output beyond ${this.#bytesMax} bytes was dropped]\n`);
    return true;
  }

  end(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#failed || this.#stream.destroyed) return resolve();
      this.#stream.once("error", () => resolve());
      this.#stream.end(() => resolve());
    });
  }

  remove(): void {
    this.#stream.destroy();
    fs.rm(this.file, { force: true }, () => {});
  }
}
