import type { UserKeys } from "./user-keys.ts";

/** Key bindings as data: an action's name and the strokes that call it (`strokeName` of terminal/input). */
export type Bindings<Action extends string> = { readonly [A in Action]: readonly string[] };

/** Finds the action of a stroke, by the user's own bindings where there are some. */
export type Keymap<Action extends string> = (stroke: string, user?: UserKeys) => Action | undefined;

/** Every table by its scope, as it is without a configuration. */
export const tables = new Map<string, Bindings<string>>();

/**
 * @param scope  name under `options.node.keys`
 * @throws RangeError when two actions of one scope share a stroke: a mistake in the table.
 */
export function keymap<Action extends string>(scope: string, bindings: Bindings<Action>): Keymap<Action> {
  const byStroke = strokesOf(bindings, (stroke, other, action) => {
    throw new RangeError(`${stroke} is bound to ${other} and to ${action}`);
  });
  tables.set(scope, bindings);
  return (stroke, user) => (user ? (user.action(scope, stroke) as Action | undefined) : byStroke.get(stroke));
}

/** Actions by stroke. The first one keeps a stroke that stands twice. */
export function strokesOf<Action extends string>(
  bindings: Bindings<Action>,
  twice?: (stroke: string, other: Action, action: Action) => void,
): Map<string, Action> {
  const byStroke = new Map<string, Action>();
  for (const action of Object.keys(bindings) as Action[]) {
    for (const stroke of bindings[action]) {
      const other = byStroke.get(stroke);
      if (other === undefined) byStroke.set(stroke, action);
      else twice?.(stroke, other, action);
    }
  }
  return byStroke;
}

/** The first stroke of an action, as a person reads it. */
export function hint<Action extends string>(bindings: Bindings<Action>, action: Action): string {
  return bindings[action][0] ?? "";
}
