// What a turn of a scripted day does to the files of its directory: calls of write, edit, view and bash, what each must answer, and what
// every file is before and after.
import path from "node:path";

/** One answer of the model with its calls. `results`: what the result of each call holds at least. */
export type Step = { text: string; calls: { id: string; name: string; arguments: string }[]; results: string[][] };
/** By path below the workspace. undefined: there is no such file. */
export type Edits = { before: Map<string, string | undefined>; after: Map<string, string> };

type Given = { number: number; directory: string; root: string; files: ReadonlyMap<string, string>; below: (below: number) => number };

const names = ["a.txt", "b.md", "src/c.ts", "src/deep/d.ts", "with space.txt", "ü 日本.txt", "crlf.txt"];

/** Each turn writes, edits, looks at or runs something else than the one before it, so that five have used all. */
export function makeSteps({ number, directory, root, files, below }: Given): { steps: Step[]; edits: Edits } {
  const now = new Map([...files].filter(([name]) => name.startsWith(`${directory}/`)));
  const edits: Edits = { before: new Map(), after: new Map() };
  const steps: Step[] = [];
  const at = (name: string): string => path.join(root, name);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const content = (name: string): string => {
    const end = name.endsWith("crlf.txt") ? "\r\n" : "\n";
    const lines = Array.from(
      { length: 3 + below(8) },
      (_, i) => `  line ${i} of c${number}.${steps.length} "ü" \\n 日本 ${"x".repeat(below(40))}`,
    );
    return lines.join(end) + (below(3) === 0 ? "" : end);
  };
  const becomes = (name: string, after: string): void => {
    if (!edits.before.has(name)) edits.before.set(name, now.get(name));
    now.set(name, after);
    edits.after.set(name, after);
  };
  const step = (...calls: { name: string; input: object; holds: string[] }[]): void => {
    const made = calls.map(({ name, input }, i) => ({ id: `call_${number}_${steps.length}_${i}`, name, arguments: JSON.stringify(input) }));
    steps.push({ text: `Step ${steps.length} of ${number}. `, calls: made, results: calls.map(({ holds }) => holds) });
  };
  const view = (name: string) => ({ name: "view", input: { file_path: at(name) }, holds: now.get(name)!.split(/\r?\n/).filter(Boolean) });
  const write = (name: string): void => {
    const text = content(name);
    step({ name: "write", input: { file_path: at(name), content: text }, holds: [] });
    becomes(name, text);
  };
  const edit = (name: string): void => {
    const before = now.get(name)!;
    const line = pick(before.split(/\r?\n/).filter(Boolean));
    const to = `  edited by e${number} $& "${below(1_000)}"`;
    step({ name: "edit", input: { file_path: at(name), old_string: line, new_string: to }, holds: [] });
    becomes(name, before.split(line).join(to));
  };
  const bash = (command: string, holds: string[]): void =>
    step({ name: "bash", input: { description: `number ${number}`, command: `cd '${at(directory)}' && ${command}` }, holds });

  const existing = [...now.keys()];
  const fresh = names.map((name) => `${directory}/${name}`).filter((name) => !now.has(name));
  const kind = existing.length === 0 ? 0 : number % 5;
  const name = kind === 0 && fresh.length > 0 ? pick(fresh) : pick(existing.length > 0 ? existing : fresh);
  const short = path.relative(directory, name);
  // Nothing may be changed that was not read.
  if (now.has(name)) step(view(name), ...(existing.length > 1 ? [view(pick(existing.filter((other) => other !== name)))] : []));
  if (kind === 0 || kind === 1) write(name);
  if (kind === 2 || kind === 1) edit(name);
  if (kind === 3) {
    edit(name);
    const more = `appended by ${number}\n`;
    bash(`printf '%s\\n' 'appended by ${number}' >> '${short}'`, []);
    becomes(name, now.get(name)! + more);
  }
  if (kind === 4 || kind === 0) bash(`cat '${short}'; echo out-$((${number} * 2))`, [`out-${number * 2}`]);
  if (kind === 4) write(name);
  return { steps, edits };
}
