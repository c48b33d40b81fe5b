// A random walk through a session's time: turns that write files, commands that change them, edits by hand, undo, redo and rewind. A plain
// model in memory says after each step what every file of the directory must hold; it knows nothing of hashes, journals or stores.
import fs from "node:fs";
import path from "node:path";
import type { TimeResult } from "../../src/protocol/index.ts";
import type { TimeRig } from "../coordinator/support/time.ts";
import { randomOf } from "./random.ts";

type File = { content: string; mode: number };
type Disk = Map<string, File>;
type Write = { path: string; before: File | undefined; after: string | undefined };
type Turn = { id: string; writes: Write[]; undone: boolean };
type Undone = { turns: Turn[]; last: Turn; files: { path: string; found: File | undefined; put: File | undefined }[]; redone: boolean };

const names = ["a.txt", "b.txt", "src/c.ts", "src/deep/d.ts", "made/e.ts", "f with space.txt", "ü.txt", "run.sh"];
const foreign = ["mine.txt", "src/mine.ts", "data/mine.bin"];

function onDisk(root: string): Map<string, { content: string; mode: number }> {
  const found = new Map<string, File>();
  for (const entry of fs.readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const file = path.join(entry.parentPath, entry.name);
    found.set(path.relative(root, file), { content: fs.readFileSync(file, "latin1"), mode: fs.statSync(file).mode & 0o777 });
  }
  return found;
}

export type WalkCounts = Record<"turns" | "undos" | "redos" | "rewinds" | "edits" | "commands" | "conflicts" | "forced" | "files", number>;

/** @throws Error naming seed, step and file when the directory is not what the model says */
export async function walk(rig: TimeRig & { session: string }, seed: number, steps: number): Promise<WalkCounts> {
  const below = randomOf(seed);
  const counts: WalkCounts = { turns: 0, undos: 0, redos: 0, rewinds: 0, edits: 0, commands: 0, conflicts: 0, forced: 0, files: 0 };
  const disk: Disk = new Map();
  const turns: Turn[] = [];
  const undos: Undone[] = [];
  const at = (name: string): string => path.join(rig.workspace, name);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  let unique = 0;
  // A few contents come again and again: equal contents are where such a thing goes wrong.
  const content = (): string =>
    below(3) === 0 ? pick(["", "same\n", "other\r\n", "\0\xff\xfe"]) : `${unique++} ${"x".repeat(below(200))}\n`;

  const byHand = (name: string): void => {
    fs.mkdirSync(path.dirname(at(name)), { recursive: true });
    const known = disk.get(name);
    const what = below(6);
    if (what === 0 && known !== undefined) {
      fs.rmSync(at(name));
      disk.delete(name);
    } else if (what === 1 && known !== undefined) {
      const mode = pick([0o644, 0o755, 0o600]);
      fs.chmodSync(at(name), mode);
      disk.set(name, { ...known, mode });
    } else {
      const text = content();
      fs.writeFileSync(at(name), text, "latin1");
      if (known === undefined) fs.chmodSync(at(name), 0o644);
      disk.set(name, { content: text, mode: known?.mode ?? 0o644 });
    }
    counts.edits++;
  };

  const runTurn = async (): Promise<void> => {
    const turn: Turn = { id: "", writes: [], undone: false };
    const command = below(4) === 0;
    const meddled = !command && below(5) === 0;
    turn.id = await rig.turn(async (files) => {
      for (let left = 1 + below(3); left > 0; left--) {
        const name = pick(names);
        if (meddled) byHand(name);
        const text = content();
        const before = disk.get(name);
        await files.write(at(name), Buffer.from(text, "latin1"));
        disk.set(name, { content: text, mode: before?.mode ?? 0o644 });
        turn.writes.push({ path: name, before, after: text });
      }
      if (!command) return;
      counts.commands++;
      const ended = files.commandBegins!();
      for (const name of new Set([pick(names), turn.writes[0]!.path])) {
        const wrote = turn.writes.some((write) => write.path === name);
        const before = disk.get(name);
        byHand(name);
        counts.edits--;
        const after = disk.get(name);
        if (wrote && after?.content !== before?.content) turn.writes.push({ path: name, before, after: after?.content });
      }
      await ended();
    });
    counts.turns++;
    turns.push(turn);
  };

  /** What of one file the model expects; undefined: it is left. */
  const forced = (result: TimeResult): Set<string> =>
    new Set(result.files.filter(({ state }) => state === "conflict").map((file) => path.relative(rig.workspace, file.path)));

  const undoModel = (some: Turn[], force: ReadonlySet<string>): void => {
    const done: Undone = { turns: some, last: turns.at(-1)!, files: [], redone: false };
    for (const [name, writes] of Map.groupBy(
      some.flatMap((turn) => turn.writes),
      (write) => write.path,
    )) {
      const present = disk.get(name);
      const target = writes[0]!.before;
      if (present?.content === target?.content) continue;
      const unbroken = writes.every((write, i) => i === 0 || write.before?.content === writes[i - 1]!.after);
      if (!(unbroken && present?.content === writes.at(-1)!.after) && !force.has(name)) {
        counts.conflicts++;
        continue;
      }
      const put = target === undefined ? undefined : { content: target.content, mode: present?.mode ?? target.mode };
      done.files.push({ path: name, found: present, put });
      if (put === undefined) disk.delete(name);
      else disk.set(name, put);
      counts.files++;
    }
    for (const turn of some) turn.undone = true;
    undos.push(done);
  };
  const redoModel = (undone: Undone, force: ReadonlySet<string>): void => {
    for (const { path: name, found, put } of undone.files) {
      const present = disk.get(name);
      if (present?.content === found?.content) continue;
      if (present?.content !== put?.content && !force.has(name)) {
        counts.conflicts++;
        continue;
      }
      if (found === undefined) disk.delete(name);
      else disk.set(name, { content: found.content, mode: present?.mode ?? found.mode });
      counts.files++;
    }
    for (const turn of undone.turns) turn.undone = false;
    undone.redone = true;
  };

  const check = (step: number, what: string): void => {
    const found = onDisk(rig.workspace);
    const wrong = (text: string): never => {
      throw new Error(`seed ${seed}, step ${step} (${what}): ${text}`);
    };
    for (const [name, file] of disk) {
      const there = found.get(name) ?? wrong(`${name} is missing`);
      if (there.content !== file.content) wrong(`${name} holds ${JSON.stringify(there.content)}, not ${JSON.stringify(file.content)}`);
      if (there.mode !== file.mode) wrong(`${name} has mode ${there.mode.toString(8)}, not ${file.mode.toString(8)}`);
    }
    for (const name of found.keys()) if (!disk.has(name)) wrong(`${name} should not be there`);
  };

  const { h, session } = rig;
  const force = async (ask: () => Promise<TimeResult>): Promise<{ force?: string[]; names: ReadonlySet<string> }> => {
    const preview = await ask();
    const open = forced(preview);
    if (below(3) !== 0 || open.size === 0) return { names: new Set() };
    counts.forced += open.size;
    return { force: [...open].map(at), names: open };
  };

  for (const name of foreign) {
    fs.mkdirSync(path.dirname(at(name)), { recursive: true });
    fs.writeFileSync(at(name), `mine ${name}`, { mode: 0o640 });
    fs.chmodSync(at(name), 0o640);
    disk.set(name, { content: `mine ${name}`, mode: 0o640 });
  }
  for (let step = 0; step < steps; step++) {
    const counting = turns.filter(({ undone }) => !undone);
    const undone = undos.findLast(({ redone }) => !redone);
    const what = below(10);
    if (what < 3 || turns.length === 0) {
      await runTurn();
      check(step, "turn");
    } else if (what < 5) {
      byHand(below(6) === 0 ? pick(foreign) : pick(names));
      check(step, "edit");
    } else if (what < 8 && counting.length > 0) {
      const turn = counting.at(-1)!;
      const { names: yes, ...more } = await force(() => h.request("session.undo", { session, preview: true }));
      check(step, "preview");
      await h.request("session.undo", { session, ...more });
      undoModel([turn], yes);
      counts.undos++;
      check(step, "undo");
    } else if (what === 8 && counting.length > 1) {
      const back = Math.min(counting.length, 2 + below(3));
      const some = counting.slice(-back);
      const { messages } = await h.request("session.messages", { session, limit: 200 });
      const prompt = messages.find(({ role, turn }) => role === "user" && turn === some[0]!.id);
      if (prompt === undefined) continue;
      const { names: yes, ...more } = await force(() => h.request("session.rewind", { session, message: prompt.id, preview: true }));
      await h.request("session.rewind", { session, message: prompt.id, ...more });
      undoModel(some, yes);
      counts.rewinds++;
      check(step, "rewind");
    } else if (undone !== undefined && undone.last === turns.at(-1)) {
      const { names: yes, ...more } = await force(() => h.request("session.redo", { session, preview: true }));
      await h.request("session.redo", { session, ...more });
      redoModel(undone, yes);
      counts.redos++;
      check(step, "redo");
    }
  }
  return counts;
}
