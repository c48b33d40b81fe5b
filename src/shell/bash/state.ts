/** What an argument or variable can be. `paths`: a name that a command printed which lists files of the workspace. */
export type Value =
  | { kind: "known"; values: string[] }
  | { kind: "any"; from: "paths" | "unknown" /** Without quotes: none or several words. */; many?: boolean };
export type Argument = Value;

export const known = (...values: string[]): Value => ({ kind: "known", values });
export const unknown: Value = { kind: "any", from: "unknown" };
export const fromPaths: Value = { kind: "any", from: "paths" };

/** Of the shell between two commands. Never changed in place. */
export type State = { cwds: readonly string[]; variables: ReadonlyMap<string, Value> };

export function mergeValues(a: Value, b: Value): Value {
  if (a.kind === "known" && b.kind === "known") return { kind: "known", values: [...new Set([...a.values, ...b.values])] };
  if ((a.kind === "any" && a.from === "unknown") || (b.kind === "any" && b.from === "unknown") || a.kind !== b.kind) return unknown;
  return a;
}

/** Where two ways through the command meet. A variable set on one of them only is not known. */
export function merge(a: State | undefined, b: State | undefined): State {
  if (a === undefined) return b!;
  if (b === undefined || a === b) return a;
  const variables = new Map<string, Value>();
  for (const name of new Set([...a.variables.keys(), ...b.variables.keys()]))
    variables.set(name, mergeValues(a.variables.get(name) ?? unknown, b.variables.get(name) ?? unknown));
  return { cwds: [...new Set([...a.cwds, ...b.cwds])], variables };
}

export const withVariable = (state: State, name: string, value: Value): State => ({
  cwds: state.cwds,
  variables: new Map([...state.variables, [name, value]]),
});
