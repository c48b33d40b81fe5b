import type { KeyBindings } from "../../contracts/config.ts";
import { parseStroke } from "../../terminal/input/stroke.ts";
import { type Bindings, strokesOf, tables } from "./keymap.ts";

/** Somebody who binds it to nothing could not leave. */
const mustHaveKeys = new Set(["always.quit"]);

/**
 * The bindings of a configuration over those of the tables. What the user binds a key to wins; an action that is named has only the
 * keys that it is given. Names and keys that do not exist count for nothing here: whoever reads the configuration warns of them.
 */
export class UserKeys {
  readonly #user: KeyBindings;
  readonly #bindings = new Map<string, Bindings<string>>();
  readonly #actions = new Map<string, Map<string, string>>();

  constructor(user: KeyBindings) {
    this.#user = user;
  }

  action(scope: string, stroke: string): string | undefined {
    let actions = this.#actions.get(scope);
    if (actions === undefined) {
      actions = strokesOf(this.of(scope));
      this.#actions.set(scope, actions);
    }
    return actions.get(stroke);
  }

  /** What really is bound in a scope. */
  of(scope: string): Bindings<string> {
    const known = this.#bindings.get(scope);
    if (known !== undefined) return known;
    const made = this.#make(scope);
    this.#bindings.set(scope, made);
    return made;
  }

  /** How what a table binds to `stroke` is called now: for texts that name a key. Empty when it has none. */
  hint(stroke: string, scopes: readonly string[] = ["always", "global", "editor"]): string {
    for (const scope of scopes) {
      const table = tables.get(scope) ?? {};
      const action = Object.keys(table).find((each) => table[each]!.includes(stroke));
      if (action === undefined) continue;
      const now = this.of(scope)[action]!;
      return now.includes(stroke) ? stroke : (now[0] ?? "");
    }
    return stroke;
  }

  #make(scope: string): Bindings<string> {
    const table = tables.get(scope) ?? {};
    const given = Object.hasOwn(this.#user, scope) ? this.#user[scope]! : {};
    const taken = new Set<string>();
    const own = new Map<string, string[]>();
    for (const [action, strokes] of Object.entries(given)) {
      if (!Object.hasOwn(table, action)) continue;
      const parsed = strokes.flatMap((stroke) => parseStroke(stroke) ?? []).filter((stroke) => !taken.has(stroke));
      // Keys that do not exist leave an action as it is.
      if (parsed.length === 0 && (strokes.length > 0 || mustHaveKeys.has(`${scope}.${action}`))) continue;
      for (const stroke of parsed) taken.add(stroke);
      own.set(action, parsed);
    }
    return Object.fromEntries(
      Object.entries(table).map(([action, strokes]) => {
        const rest = strokes.filter((stroke) => !taken.has(stroke));
        const kept = rest.length === 0 && mustHaveKeys.has(`${scope}.${action}`) ? strokes : rest;
        return [action, own.get(action) ?? kept];
      }),
    );
  }
}
