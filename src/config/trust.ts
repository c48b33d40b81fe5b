import fs from "node:fs";
import path from "node:path";
import { isObject } from "./merge.ts";

// Which contents of projects' files the user said yes to. Kept in our own data directory, where no project reaches.

/** `text` is kept to show what changed later. Projects' files may hold keys: the file is the user's alone. */
type Entry = { hash: string; at: number; text: string };
type TrustFile = { version: 1; files: Record<string, { trusted?: Entry; declined?: string }> };

export type Trust = {
  isTrusted(file: string, hash: string): boolean;
  isDeclined(file: string, hash: string): boolean;
  /** What was trusted, to be compared with what is there now. */
  trustedText(file: string): string | undefined;
};

/** A directory of its own: it is watched, and in the data directory the database is written all the time. */
const fileName = path.join("trust", "projects.json");
/** More directories than anybody works in; the oldest go first. */
const filesMax = 2_000;

export const trustFile = (dataDir: string): string => path.join(dataDir, fileName);

function read(dataDir: string): TrustFile {
  try {
    const value: unknown = JSON.parse(fs.readFileSync(trustFile(dataDir), "utf8"));
    if (isObject(value) && value.version === 1 && isObject(value.files)) return value as unknown as TrustFile;
  } catch {
    // None yet, or torn: nothing is trusted then.
  }
  return { version: 1, files: {} };
}

/** Replaced as a whole, so that it is never torn. */
function write(dataDir: string, content: TrustFile): void {
  const file = trustFile(dataDir);
  const temporary = `${file}.${process.pid}.tmp`;
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  fs.rmSync(temporary, { force: true });
  fs.writeFileSync(temporary, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  fs.renameSync(temporary, file);
}

/** The decisions as they are now; read once. */
export function openTrust(dataDir: string): Trust {
  const { files } = read(dataDir);
  const of = (file: string) => (Object.hasOwn(files, file) && isObject(files[file]) ? files[file] : undefined);
  return {
    isTrusted: (file, hash) => of(file)?.trusted?.hash === hash,
    isDeclined: (file, hash) => of(file)?.declined === hash,
    trustedText: (file) => of(file)?.trusted?.text,
  };
}

/** Says yes to exactly these contents. */
export function grantTrust(dataDir: string, granted: readonly { file: string; hash: string; text: string }[]): void {
  const content = read(dataDir);
  for (const { file, hash, text } of granted) {
    delete content.files[file];
    content.files[file] = { trusted: { hash, at: Date.now(), text } };
  }
  for (const file of Object.keys(content.files).slice(0, -filesMax)) delete content.files[file];
  write(dataDir, content);
}

/** Says no to exactly these contents: they are not asked about again. What was trusted before stays what a change is compared with. */
export function declineTrust(dataDir: string, declined: readonly { file: string; hash: string }[]): void {
  const content = read(dataDir);
  for (const { file, hash } of declined) content.files[file] = { ...content.files[file], declined: hash };
  write(dataDir, content);
}

/** Takes back every yes and no for files in a directory and below. Answers the files that had been trusted. */
export function revokeTrust(dataDir: string, directory: string): string[] {
  const content = read(dataDir);
  const revoked: string[] = [];
  let changed = false;
  const below = directory.endsWith(path.sep) ? directory : directory + path.sep;
  for (const file of Object.keys(content.files)) {
    if (!file.startsWith(below)) continue;
    if (content.files[file]?.trusted) revoked.push(file);
    changed = true;
    delete content.files[file];
  }
  if (changed) write(dataDir, content);
  return revoked;
}

export function listTrust(dataDir: string): { file: string; hash: string; at: number }[] {
  return Object.entries(read(dataDir).files).flatMap(([file, { trusted }]) =>
    trusted ? [{ file, hash: trusted.hash, at: trusted.at }] : [],
  );
}
