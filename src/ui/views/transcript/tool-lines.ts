import type { ToolResultPart } from "../../../protocol/index.ts";
import { languageOf } from "../../code/languages.ts";
import { diffLines } from "../../layout/diff.ts";
import { codeLines } from "../../layout/code-lines.ts";
import { indented, type Line, line, span } from "../../layout/line.ts";
import { layoutMarkdown } from "../../layout/markdown.ts";
import { plainOutput } from "../../layout/plain-output.ts";
import { wrap } from "../../layout/wrap.ts";
import { todoLines } from "../todos.ts";
import type { LayoutContext } from "./block.ts";

/** Lines of a result that are shown before it is opened. */
const foldedLines = 10;
/** A diff is why one looks: it shows more. */
const foldedDiffLines = 24;
/** The answer is told by the model that asked for it. */
const foldedAgentLines = 4;
/** A plan is meant to be read. */
const foldedPlanLines = 100;
/** Opened results stop here: the whole is in the session's export, and a layout must stay bounded. */
const expandedLines = 400;
/** Characters of a result that are laid out at all. */
const resultCharsMax = 64_000;

/** Tools whose result is told by a count until somebody opens it. */
const quiet: { readonly [tool: string]: (lines: number) => string } = {
  view: (n) => `${n} lines`,
  ls: (n) => `${n} entries`,
  glob: (n) => `${n} files`,
  grep: (n) => `${n} lines`,
  fetch: (n) => `${n} lines`,
};

const indent = 4;
/** A hook without a name is shown by its command. */
const hookNameChars = 40;

/** What stands under a finished call's header. */
export function resultLines(result: ToolResultPart, path: string, context: LayoutContext, expanded: boolean): Line[] {
  const width = Math.max(1, context.width - indent);
  const { meta } = result;
  if (meta?.todos) return todoLines(meta.todos, width, context.theme).map((each) => indented(indent, each));
  if (typeof meta?.plan === "string") {
    const words = result.isError ? wrap([{ text: bounded(result.text), style: context.theme.warning }], width) : [];
    const plan = [...layoutMarkdown(meta.plan.slice(0, resultCharsMax), width, context.theme), ...words];
    return limited(plan, expanded ? expandedLines : foldedPlanLines, false, expanded, context);
  }
  if (Array.isArray(meta?.steps)) return agentLines(result, meta.steps as unknown[], width, context, expanded);
  if (meta?.diff)
    return limited(diffLines(meta.diff, path, width, context.theme), expanded ? expandedLines : foldedDiffLines, false, expanded, context);
  const text = bounded(result.whole ? `${result.text}\n…` : result.text);
  if (text.trim() === "") return [];
  if (result.isError || meta?.denied) {
    const style = meta?.denied ? context.theme.warning : context.theme.error;
    return limited(wrap([{ text, style }], width), expanded ? expandedLines : foldedLines, false, expanded, context);
  }
  if (!expanded && Object.hasOwn(quiet, result.name)) return [];
  const coloured =
    result.name === "view" ? codeLines(text, languageOf(path), width, context.theme) : wrap([{ text, style: context.theme.muted }], width);
  // The end of a command's output tells how it went; the start of anything else tells what it is.
  return limited(coloured, expanded ? expandedLines : foldedLines, result.name === "bash", expanded, context);
}

/** What an agent did, then what it answered; folded a beginning of the answer. */
function agentLines(result: ToolResultPart, steps: unknown[], width: number, context: LayoutContext, expanded: boolean): Line[] {
  const { theme } = context;
  const did = expanded ? steps.flatMap((step) => wrap([{ text: `· ${plainOutput(String(step))}`, style: theme.faint }], width)) : [];
  const text = bounded(result.text);
  const said = result.isError ? wrap([{ text, style: theme.error }], width) : layoutMarkdown(text, width, theme);
  return limited([...did, ...said], expanded ? expandedLines : foldedAgentLines, false, expanded, context);
}

/** What a folded result says behind its header. */
export function resultNote(result: ToolResultPart): string {
  const { meta } = result;
  const notes: string[] = [];
  if (meta?.denied) notes.push("denied");
  if (meta?.additions !== undefined || meta?.removals !== undefined) notes.push(`+${meta.additions ?? 0} -${meta.removals ?? 0}`);
  if (meta?.exitCode !== undefined && meta.exitCode !== 0) notes.push(`exit ${meta.exitCode}`);
  if (Array.isArray(meta?.steps)) notes.push(meta.steps.length === 1 ? "1 step" : `${meta.steps.length} steps`);
  if (typeof meta?.cost === "number" && meta.cost > 0) notes.push(`$${meta.cost.toFixed(3)}`);
  if (meta?.job) notes.push(`job ${meta.job}`);
  notes.push(...hookNotes(meta?.hooks));
  const count = !result.isError && !meta?.denied && Object.hasOwn(quiet, result.name) ? quiet[result.name] : undefined;
  if (count) notes.push(count(result.whole?.lines ?? (result.text === "" ? 0 : result.text.trimEnd().split("\n").length)));
  if (meta?.ms !== undefined && meta.ms >= 1_000) notes.push(`${(meta.ms / 1000).toFixed(1)} s`);
  return notes.join(" · ");
}

/** Hooks that had a say in the call: `hook no-rm: denied`. */
function hookNotes(hooks: unknown): string[] {
  if (!Array.isArray(hooks)) return [];
  return hooks.map((hook: { name?: unknown; said?: unknown; text?: unknown }) => {
    const name = String(hook.name).split("\n", 1)[0]!.slice(0, hookNameChars);
    // Why it denied stands in the result; why it failed stands nowhere else.
    return plainOutput(`hook ${name}: ${String(hook.said)}${hook.said === "failed" ? ` (${String(hook.text)})` : ""}`);
  });
}

function bounded(text: string): string {
  return plainOutput(text.length > resultCharsMax ? `${text.slice(0, resultCharsMax)}\n…` : text);
}

/** At most `max` lines from the start or the end, and a line that says how many are missing. */
function limited(lines: Line[], max: number, fromEnd: boolean, expanded: boolean, context: LayoutContext): Line[] {
  const hidden = lines.length - max;
  if (hidden <= 0) return lines.map((each) => indented(indent, each));
  const shown = (fromEnd ? lines.slice(-max) : lines.slice(0, max)).map((each) => indented(indent, each));
  const note: Line = {
    ...line(span(`    … ${hidden} more lines${expanded ? "" : " (click or space)"}`, context.theme.faint)),
    toggle: true,
  };
  return fromEnd ? [note, ...shown] : [...shown, note];
}

/** The end of a running call's output. */
export function progressLines(tail: string, context: LayoutContext): Line[] {
  const rows = plainOutput(tail.slice(-8_192)).trimEnd().split("\n").slice(-6);
  const width = Math.max(1, context.width - indent);
  return wrap([{ text: rows.join("\n"), style: context.theme.muted }], width)
    .slice(-6)
    .map((each) => indented(indent, each));
}
