// What a power cut leaves of a process's files. Input: strace of one thread (-xx). Everything synced is on the disk; of what was written
// after the last sync of a file any part may be: nothing, or any subset of the writes, in any order. Deletions are not modelled.
import fs from "node:fs";
import path from "node:path";

type Write = { at: number; bytes: Buffer } | { length: number };
export type Step = { do: "write"; file: string; write: Write } | { do: "sync"; file: string } | { do: "ack"; lines: string[] };

const bytesOf = (text: string): Buffer => Buffer.from(text.replaceAll("\\x", ""), "hex");

/** The steps of files in `dir` and of standard output, in order. */
export function readTrace(trace: string, dir: string): Step[] {
  const open = new Map<string, string>();
  const steps: Step[] = [];
  for (const line of trace.split("\n")) {
    const call = /^(\w+)\((.*)\)\s+= (-?\d+)/.exec(line);
    if (call === null || call[3] === "-1") continue;
    const [, name, args = "", result = ""] = call;
    const fd = args.split(",", 1)[0]!;
    const file = open.get(fd);
    if (name === "openat") {
      const opened = bytesOf(/"([^"]*)"/.exec(args)?.[1] ?? "").toString();
      if (path.dirname(opened) === dir) open.set(result, path.basename(opened));
    } else if (name === "close") open.delete(fd);
    else if (name === "write" && fd === "1")
      steps.push({
        do: "ack",
        lines: bytesOf(/"([^"]*)"/.exec(args)![1]!)
          .toString()
          .trimEnd()
          .split("\n"),
      });
    else if (file === undefined) continue;
    else if (name === "pwrite64") {
      const [, hex = "", at = ""] = /"([^"]*)", \d+, (\d+)$/.exec(args)!;
      steps.push({ do: "write", file, write: { at: Number(at), bytes: bytesOf(hex) } });
    } else if (name === "ftruncate") steps.push({ do: "write", file, write: { length: Number(args.split(", ")[1]) } });
    else if (name === "fsync" || name === "fdatasync") steps.push({ do: "sync", file });
  }
  return steps;
}

export class Disk {
  readonly #durable = new Map<string, Buffer>();
  readonly #pending = new Map<string, Write[]>();
  readonly #liesAboutSync: boolean;

  /** @param liesAboutSync  a disk that answers a sync and does nothing: what the test must be able to notice */
  constructor(liesAboutSync = false) {
    this.#liesAboutSync = liesAboutSync;
  }

  step(step: Step): void {
    if (step.do === "write") {
      const pending = this.#pending.get(step.file);
      if (pending === undefined) this.#pending.set(step.file, [step.write]);
      else pending.push(step.write);
    }
    if (step.do === "sync" && !this.#liesAboutSync) this.sync(step.file);
  }

  sync(file: string): void {
    this.#durable.set(file, apply(this.#durable.get(file), this.#pending.get(file) ?? []));
    this.#pending.delete(file);
  }

  /** Writes into `dir` what is left after a cut now; `keep` says of each write that was not synced whether it made it. */
  cut(dir: string, keep: () => boolean): void {
    for (const file of new Set([...this.#durable.keys(), ...this.#pending.keys()])) {
      if (file.endsWith("-shm")) continue; // an index in memory, made again after a restart
      fs.writeFileSync(path.join(dir, file), apply(this.#durable.get(file), (this.#pending.get(file) ?? []).filter(keep)));
    }
  }
}

function apply(before: Buffer | undefined, writes: Write[]): Buffer {
  let content = before ?? Buffer.alloc(0);
  if (writes.length > 0) content = Buffer.from(content);
  for (const write of writes) {
    const end = "length" in write ? write.length : Math.max(content.length, write.at + write.bytes.length);
    if (end > content.length) content = Buffer.concat([content, Buffer.alloc(end - content.length)]);
    if ("length" in write) content = content.subarray(0, write.length);
    else write.bytes.copy(content, write.at);
  }
  return content;
}
