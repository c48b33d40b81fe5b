/** Key bindings as data: an action's name and the strokes that call it (`strokeName` of terminal/input). */
export type Bindings<Action extends string> = { readonly [A in Action]: readonly string[] };

/** Finds the action of a stroke. */
export type Keymap<Action extends string> = (stroke: string) => Action | undefined;

/** @throws RangeError when two actions of one scope share a stroke: a mistake in the table. */
export function keymap<Action extends string>(bindings: Bindings<Action>): Keymap<Action> {
  const byStroke = new Map<string, Action>();
  for (const action of Object.keys(bindings) as Action[]) {
    for (const stroke of bindings[action]) {
      const other = byStroke.get(stroke);
      if (other !== undefined) throw new RangeError(`${stroke} is bound to ${other} and to ${action}`);
      byStroke.set(stroke, action);
    }
  }
  return (stroke) => byStroke.get(stroke);
}

/** The first stroke of an action, as a person reads it. */
export function hint<Action extends string>(bindings: Bindings<Action>, action: Action): string {
  return bindings[action][0] ?? "";
}
