import fs from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Judge, openJudge } from "../../src/shell/index.ts";
import { makeScratch, type Scratch } from "./support/scratch.ts";
import { makeWorkspace, type Workspace } from "./support/workspace.ts";

// What the judge allows is really run, by a real bash, where every file is watched. A command that changes one, or leaves a mark,
// was allowed wrongly, however it came about. CRUSH_FUZZ_SECONDS makes it longer.

const seconds = Number(process.env.CRUSH_FUZZ_SECONDS ?? 6);

const everyday = fs
  .readFileSync(path.join(import.meta.dirname, "corpus", "everyday.jsonl"), "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => (JSON.parse(line) as { cmd: string }).cmd)
  // They take long, or depend on the machine; and nothing that could hurt if it were let loose.
  .filter(
    (cmd) =>
      !/\b(sleep|top|systemctl|rm|npm|pip|docker|java|cargo|dpkg|apt|ps|lsof|ss|netstat|\/usr\/\w+|ls -la \/)\b|find \/|whereis/.test(cmd),
  );

const payloads = [
  "; touch marker",
  "\ntouch marker\n",
  "& touch marker",
  "&& touch marker",
  "|| touch marker",
  "| touch marker",
  "|& touch marker",
  "$(touch marker)",
  "`touch marker`",
  '"$(touch marker)"',
  '"`touch marker`"',
  "<(touch marker)",
  ">(touch marker)",
  "> marker",
  ">marker",
  ">> marker",
  ">| marker",
  "&> marker",
  "2> marker",
  "<> marker",
  "1>&marker",
  "| sh",
  "| bash",
  "| tee marker",
  "| xargs touch",
  "-exec touch marker ;",
  "-exec touch marker \\;",
  "-execdir touch marker \\;",
  "-fprint marker",
  "-delete",
  "-o marker",
  "-omarker",
  "--output=marker",
  "--output marker",
  "-i",
  "-i.marker",
  "--in-place=.marker",
  "-e 'w marker'",
  "-e 'e touch marker'",
  "s/a/b/w marker",
  "w marker",
  "'{print > \"marker\"}'",
  "'BEGIN{system(\"touch marker\")}'",
  "$marker",
  "${marker}",
  "eval touch marker",
  "$'touch' marker",
  "$'\\x74ouch' marker",
  "t\\ouch marker",
  "tou''ch marker",
  '"touch" marker',
  "{touch,marker}",
  "'",
  '"',
  "\\",
  "\\\n",
  "#",
  "$",
  "`",
  "$(",
  ")",
  "(",
  "{ ",
  " }",
  ";",
  "\n",
  "&",
  "|",
  "<",
  ">",
  "*",
  "~",
  "!",
  "=",
  "\t",
  "''",
  '""',
  "\\'",
  "$'",
  '$"',
  "<<EOF\n",
  "\nEOF\n",
  "<<'EOF'\n$(touch marker)\nEOF\n",
  "<<EOF\n$(touch marker)\nEOF\n",
  "<<-E\n\tE\ntouch marker\n",
  "x=touch; $x marker",
  "PATH=. ",
  "x='touch marker'; ",
  "for x in touch; do $x marker; done",
  "if touch marker; then :; fi",
  "case a in a) touch marker;; esac",
  "while touch marker; do break; done",
  "f() { touch marker; }; f",
  "[[ 'a[$(touch marker)]' -eq 0 ]]",
  "[ -v 'a[$(touch marker)]' ]",
  "test -v 'a[$(touch marker)]'",
  "printf -v 'a[$(touch marker)]' x",
  "$((a[$(touch marker)]))",
  "${x:-$(touch marker)}",
  "${x:=$(touch marker)}",
  "${x@P}",
  "read 'a[$(touch marker)]' <<< 1",
  "let 'a[$(touch marker)]=1'",
  "sh script.sh",
  "./script.sh",
  ". ./script.sh",
  "source script.sh",
  "bash script.sh",
  "env touch marker",
  "nice touch marker",
  "timeout 1 touch marker",
  "time touch marker",
  "command touch marker",
  "builtin eval touch marker",
  "exec touch marker",
  "xargs touch < x",
  "sh -c 'touch marker'",
  "bash -c 'touch marker'",
  "sh <<< 'touch marker'",
  "git -c core.pager='touch marker' -p log",
  "git -c alias.z='!touch marker' z",
  "git branch marker",
  "git tag marker",
  "git config a.b c",
  "git stash",
  "git grep -O'touch marker' foo",
  "cd src; ",
  "cd .. && ",
  "-- ",
  " - ",
  "-x",
  "--",
];
const words = everyday.flatMap((cmd) => cmd.split(/(?<=\s)|(?=\s)/)).filter((word) => word.trim() !== "");

type Step = { kind: "payload" | "word" | "join" | "delete" | "quote" | "repeat"; at: number; pick: number };
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom<Step["kind"]>("payload", "payload", "payload", "word", "join", "delete", "quote", "repeat"),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  pick: fc.nat(1_000_000),
});

function mutate(command: string, { kind, at, pick }: Step): string {
  const boundaries = [0, ...[...command.matchAll(/\s|(?<=\W)(?=\w)|$/g)].map((match) => match.index)];
  const position =
    pick % 4 === 0 ? Math.floor(at * (command.length + 1)) : boundaries[Math.floor(at * boundaries.length) % boundaries.length]!;
  const [before, after] = [command.slice(0, position), command.slice(position)];
  const gap = pick % 3 === 0 ? "" : " ";
  switch (kind) {
    case "payload":
      return before + gap + payloads[pick % payloads.length]! + gap + after;
    case "word":
      return `${before} ${words[pick % words.length]!} ${after}`;
    case "join":
      return command + ["; ", " && ", " || ", " | ", "\n", " & ", " "][pick % 7]! + everyday[pick % everyday.length]!;
    case "delete":
      return before + after.slice(1 + (pick % 3));
    case "quote":
      return before + ["'", '"', "\\", "$'", "`"][pick % 5]! + after;
    case "repeat":
      return before + before.slice(-(pick % 12)) + after;
  }
}

const mutated = fc
  .tuple(fc.constantFrom(...everyday), fc.array(step, { minLength: 1, maxLength: 4 }))
  .map(([command, steps]) => steps.reduce(mutate, command));

let judge: Judge;
let workspace: Workspace;
let scratch: Scratch;
beforeAll(async () => {
  judge = await openJudge();
  workspace = makeWorkspace();
  scratch = makeScratch(workspace);
});
afterAll(() => workspace.remove());

const allowed = async (command: string): Promise<boolean> =>
  (await judge.check({ command, shell: "bash", cwd: workspace.cwd, rules: [], env: workspace.env })).decision === "allow";

test("the watch sees a file that is made, changed or removed in the project, its repository or the home directory", () => {
  let last = scratch.digest();
  for (const command of [
    "touch marker",
    "echo x >> README.md",
    "git tag marker",
    'touch "$HOME/marker"',
    "git tag -d marker",
    "bash -c 'echo > ../outside.txt'",
  ]) {
    scratch.run(command);
    const now = scratch.digest();
    expect(now, command).not.toBe(last);
    last = now;
  }
  workspace.remove();
  workspace = makeWorkspace();
  scratch = makeScratch(workspace);
});

test("every everyday command, run by a real bash, leaves all files as they were", async () => {
  const before = scratch.digest();
  for (const command of everyday) if (await allowed(command)) scratch.run(command);
  expect(scratch.digest()).toBe(before);
}, 60_000);

test(
  "what the judge still allows of commands with payloads spliced in leaves all files as they were when it is run",
  async () => {
    const before = scratch.digest();
    let judged = 0;
    let ran = 0;
    await fc.assert(
      fc.asyncProperty(mutated, async (command) => {
        judged++;
        if (!(await allowed(command))) return;
        ran++;
        scratch.run(command);
        expect(scratch.digest(), command).toBe(before);
      }),
      { numRuns: 1_000_000, interruptAfterTimeLimit: seconds * 1_000, markInterruptAsFailure: false },
    );
    if (process.env.CRUSH_FUZZ_SECONDS) console.log(`${judged} judged, ${ran} allowed and run`);
    // Not a test if it allowed nothing.
    expect(ran).toBeGreaterThan(5);
  },
  (seconds + 30) * 1_000,
);
