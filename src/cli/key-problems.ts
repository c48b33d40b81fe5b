import { type CheckMore, nearest } from "../config/index.ts";
import { bindable } from "../contracts/keys.ts";
import { parseStroke } from "../terminal/input/stroke.ts";

/** What of `options.node.keys` binds nothing: scopes, actions and keys that do not exist, and keys that are given twice. */
export const keyProblems: CheckMore = (value) => {
  const problems: { path: string[]; message: string }[] = [];
  const { keys } = (value as { options?: { node?: { keys?: Record<string, Record<string, string | string[]>> } } }).options?.node ?? {};
  for (const [scope, actions] of Object.entries(keys ?? {})) {
    const at = ["options", "node", "keys", scope];
    const known = Object.hasOwn(bindable, scope) ? bindable[scope]! : undefined;
    if (!known) {
      problems.push({ path: at, message: `is no scope${meant(scope, Object.keys(bindable))}` });
      continue;
    }
    const taken = new Map<string, string>();
    for (const [action, given] of Object.entries(actions)) {
      const path = [...at, action];
      const strokes = [given].flat();
      if (!known.includes(action)) problems.push({ path, message: `is no action${meant(action, known)}` });
      else if (scope === "always" && action === "quit" && strokes.length === 0)
        problems.push({ path, message: "keeps its keys: without one nobody could leave" });
      else
        for (const text of strokes) {
          const stroke = parseStroke(text);
          const other = stroke === undefined ? undefined : taken.get(stroke);
          if (stroke === undefined) problems.push({ path, message: `there is no key "${text}": write it like ctrl+k, alt+enter, f5 or x` });
          else if (other !== undefined) problems.push({ path, message: `${text} is given to ${other} already` });
          else taken.set(stroke, action);
        }
    }
  }
  return problems;
};

function meant(name: string, candidates: readonly string[]): string {
  const near = nearest(name, candidates);
  return near === undefined ? `: known are ${candidates.join(", ")}` : `; did you mean "${near}"?`;
}
