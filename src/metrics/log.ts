// A log of JSON lines in a file. Never in the database (peers wrote terabytes there); the level is looked at before anything is formatted.
import fs from "node:fs";
import path from "node:path";
import { createRedactor, type Redactor } from "./redact.ts";

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** The file is turned over here, and one earlier file is kept: two of them hold weeks at `info` and hours at `debug`. */
export const logFileBytesMax = 8 << 20;

/** JSON escapes C0 only. DEL, C1, line separators and bidi controls would still steer the terminal that shows the file. */
const steering = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

export type Fields = Record<string, unknown>;
/** The shape of contracts' Log, and what its owner needs. */
export interface FileLog {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** True when a line of this level would be written: for callers whose fields are costly to make. */
  enabled(level: LogLevel): boolean;
  setLevel(level: LogLevel): void;
  /** A value that must never appear in it. */
  addSecret(value: string): void;
  /** A log into the same file whose lines carry these fields too. */
  child(fields: Fields): FileLog;
  /** Lines that could not be written, e.g. because the disk was full. */
  readonly dropped: number;
  close(): void;
}

export type LogOptions = {
  file: string;
  level?: LogLevel;
  secrets?: Iterable<string>;
  clock?: { now(): number };
  bytesMax?: number;
};

/**
 * One JSON object a line: `time` (ISO), `level`, `message`, then fields without secrets. Written at once (about 10 us a line), so a
 * crash loses none; appended in one write, so several processes may share the file. Never throws: a line that cannot be written is counted.
 */
export function openLog(options: LogOptions): FileLog {
  const { file, clock = { now: Date.now }, bytesMax = logFileBytesMax } = options;
  const redactor: Redactor = createRedactor();
  for (const secret of options.secrets ?? []) redactor.addSecret(secret);
  let least = logLevels.indexOf(options.level ?? "info");
  let fd: number | undefined;
  let bytes = 0;
  let dropped = 0;
  let closed = false;

  const open = (): number => {
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    fd = fs.openSync(file, "a", 0o600);
    bytes = fs.fstatSync(fd).size;
    return fd;
  };

  const turnOver = (): number => {
    if (fd !== undefined) fs.closeSync(fd);
    fd = undefined;
    // Another process may have turned it over already: then the file at this path is short and stays.
    if ((fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0) > bytesMax) fs.renameSync(file, `${file}.1`);
    return open();
  };

  const append = (line: string): void => {
    try {
      let to = fd ?? open();
      if (bytes > bytesMax) to = turnOver();
      bytes += fs.writeSync(to, line);
    } catch {
      dropped++;
    }
  };

  const write = (level: number, message: string, base: Fields, fields: Fields | undefined): void => {
    if (level < least || closed) return;
    const line = { time: new Date(clock.now()).toISOString(), level: logLevels[level], message: redactor.text(message) };
    const text = JSON.stringify({ ...line, ...(redactor.value({ ...base, ...fields }) as Fields), ...line });
    append(`${text.replace(steering, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)}\n`);
  };

  const logWith = (base: Fields): FileLog => ({
    debug: (message, fields) => write(0, message, base, fields),
    info: (message, fields) => write(1, message, base, fields),
    warn: (message, fields) => write(2, message, base, fields),
    error: (message, fields) => write(3, message, base, fields),
    enabled: (level) => logLevels.indexOf(level) >= least && !closed,
    setLevel(level) {
      least = logLevels.indexOf(level);
    },
    addSecret: (value) => redactor.addSecret(value),
    child: (fields) => logWith({ ...base, ...fields }),
    get dropped() {
      return dropped;
    },
    close() {
      closed = true;
      if (fd !== undefined) fs.closeSync(fd);
      fd = undefined;
    },
  });

  return logWith({});
}
