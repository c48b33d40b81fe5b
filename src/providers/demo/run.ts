// "Run the tests", "git status": one command, and how it ended.
import { call, end, type Kind, last } from "./script.ts";
import { readTree } from "./results.ts";

/** How a project is usually tested, by the file that says what it is. */
const testCommands: readonly (readonly [file: string, command: string])[] = [
  ["package.json", "npm test"],
  ["Cargo.toml", "cargo test"],
  ["go.mod", "go test ./..."],
  ["pyproject.toml", "python -m pytest"],
  ["pytest.ini", "python -m pytest"],
  ["Makefile", "make test"],
];
const outputLinesShown = 20;

function commandIn(request: string): { command: string; why: string } | "tests" | undefined {
  const ticked = /\b(?:run|execute|call|try|start)\b[^`]*`([^`]+)`/i.exec(request)?.[1];
  if (ticked) return { command: ticked, why: "Run what was asked for" };
  if (/\bgit status\b/i.test(request)) return { command: "git status --short --branch", why: "State of the repository" };
  if (/\bgit (log|history)\b|\bcommit history\b|\b(recent|last) commits\b/i.test(request))
    return { command: "git log --oneline -n 15", why: "The last commits" };
  if (/\bgit diff\b|\bwhat (has |have )?(I )?changed\b/i.test(request)) return { command: "git diff --stat", why: "What has changed" };
  if (/\b(run|execute|start)\b.*\btests?\b|^\s*tests?\s*$|\bdo the tests pass\b/i.test(request)) return "tests";
  const plain = /^\s*(?:please\s+)?(?:run|execute)\s*:?\s+(?:the\s+command\s+)?(.+?)\s*$/i.exec(request)?.[1];
  return plain ? { command: plain, why: "Run what was asked for" } : undefined;
}

export const run: Kind = {
  name: "run",
  next({ request, directory, steps }) {
    let wanted = commandIn(request);
    if (!wanted) return undefined;
    if (wanted === "tests") {
      const listing = last(steps, "ls");
      if (!listing) return call("I look for how this project is tested.", { tool: "ls", input: { path: directory, depth: 1 } });
      const names = new Set(readTree(listing.result).map((entry) => entry.path));
      const command = testCommands.find(([file]) => names.has(file))?.[1];
      if (!command)
        return end(
          `I know no test command for this directory: none of ${testCommands.map(([file]) => `\`${file}\``).join(", ")} is in it. Name one: "run \`...\`".`,
        );
      wanted = { command, why: "Run the tests" };
    }
    const done = last(steps, "bash");
    if (!done) return call(`I run \`${wanted.command}\`.`, { tool: "bash", input: { description: wanted.why, command: wanted.command } });
    const code = /^Exit code (\d+)$/m.exec(done.result)?.[1];
    const output = done.result
      .replace(/\n*<cwd>.*<\/cwd>\s*$/s, "")
      .replace(/^Exit code \d+$/m, "")
      .trim();
    const lines = output.split("\n");
    const shown = lines.slice(-outputLinesShown).map((line) => line.slice(0, 200).replaceAll("```", "'''"));
    const how = code ? `It ended with exit code ${code}.` : "It ended well.";
    const what =
      output === "" || output === "no output"
        ? "It printed nothing."
        : `${lines.length > outputLinesShown ? `The last ${outputLinesShown} of ${lines.length} lines` : "Its output"}:\n\n\`\`\`\n${shown.join("\n")}\n\`\`\``;
    return end(`\`${wanted.command}\`: ${how} ${what}`);
  },
};
