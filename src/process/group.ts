// Process groups: every child leads one of its own (setsid), so that one signal reaches all that it started.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import fs from "node:fs/promises";

/** Time between the polite and the hard signal. */
export const killGraceMs = 1_500;
/** Names the job in its children's environment: a descendant that left the group (setsid, daemon) is found by it. */
export const jobVariable = "CRUSH_JOB";

/** Signals the whole group. False when nobody is left. */
export function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  if (process.platform === "win32") {
    if (signal === 0) return false;
    spawn("taskkill", ["/pid", String(leader), "/T", "/F"], { stdio: "ignore", windowsHide: true }).on("error", () => {});
    return true;
  }
  try {
    process.kill(-leader, signal);
    return true;
  } catch (error) {
    // EPERM: somebody is there whom we may not signal (a set-uid child).
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Processes whose environment carries the mark. Linux only; elsewhere there are none to find. */
export async function markedProcesses(mark: string): Promise<number[]> {
  if (process.platform !== "linux") return [];
  const needle = Buffer.from(`${jobVariable}=${mark}\0`);
  const found: number[] = [];
  for (const name of await fs.readdir("/proc").catch(() => [])) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const environment = await fs.readFile(`/proc/${name}/environ`).catch(() => undefined);
    if (environment?.includes(needle)) found.push(pid);
  }
  return found;
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());

/** Somebody of the group is there. The dead that nobody has buried (zombies, in containers without an init) do not count. */
export function groupAlive(leader: number): boolean {
  if (!signalGroup(leader, 0)) return false;
  if (process.platform !== "linux") return true;
  let names: string[];
  try {
    names = readdirSync("/proc");
  } catch {
    return true;
  }
  return names.some((name) => {
    const found = name.charCodeAt(0) >= 48 && name.charCodeAt(0) <= 57 ? processState(name) : undefined;
    return found !== undefined && found.group === leader && found.state !== "Z";
  });
}

/** Linux only. "pid (name) state parent group ...": the name may hold anything, also brackets. */
function processState(pid: string | number): { state: string; group: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state: state!, group: Number(group) };
  } catch {
    return undefined;
  }
}

/**
 * Ends a group: SIGTERM, at most `killGraceMs`, SIGKILL; then descendants that left it. Resolves when the signals are sent and
 * the group is gone (or cannot be killed).
 */
export async function endGroup(leader: number, mark?: string): Promise<void> {
  const strays = mark === undefined ? [] : await markedProcesses(mark);
  signalGroup(leader, "SIGTERM");
  for (const pid of strays) signalOne(pid, "SIGTERM");
  const until = Date.now() + killGraceMs;
  const someoneLeft = () => groupAlive(leader) || strays.some((pid) => (processState(pid)?.state ?? "Z") !== "Z");
  for (let pause = 5; Date.now() < until && someoneLeft(); pause = Math.min(100, pause * 2)) await wait(pause);
  if (!someoneLeft()) return;
  signalGroup(leader, "SIGKILL");
  // Those who were born in between are looked for again.
  for (const pid of mark === undefined ? [] : await markedProcesses(mark)) signalOne(pid, "SIGKILL");
}

function signalOne(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended, or is not ours.
  }
}
