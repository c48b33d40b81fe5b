import type { KeyBindings } from "../contracts/config.ts";
import { bindable } from "../contracts/keys.ts";
import { parseStroke } from "../terminal/input/stroke.ts";

/** What of `options.node.keys` binds nothing: scopes, actions and keys that do not exist, and keys that are given twice. */
export function keyProblems(keys: KeyBindings): { key: string; message: string }[] {
  const problems: { key: string; message: string }[] = [];
  for (const [scope, actions] of Object.entries(keys)) {
    const at = `options.node.keys.${scope}`;
    const known = Object.hasOwn(bindable, scope) ? bindable[scope]! : undefined;
    if (!known) {
      problems.push({ key: at, message: `there is no scope "${scope}": ${Object.keys(bindable).join(", ")}` });
      continue;
    }
    const taken = new Map<string, string>();
    for (const [action, strokes] of Object.entries(actions)) {
      const key = `${at}.${action}`;
      if (!known.includes(action)) problems.push({ key, message: `there is no action "${action}": ${known.join(", ")}` });
      else if (scope === "always" && action === "quit" && strokes.length === 0)
        problems.push({ key, message: "keeps its keys: without one nobody could leave" });
      else
        for (const text of strokes) {
          const stroke = parseStroke(text);
          const other = stroke === undefined ? undefined : taken.get(stroke);
          if (stroke === undefined) problems.push({ key, message: `there is no key "${text}": write it like ctrl+k, alt+enter, f5 or x` });
          else if (other !== undefined) problems.push({ key, message: `${text} is given to ${other} already` });
          else taken.set(stroke, action);
        }
    }
  }
  return problems;
}
