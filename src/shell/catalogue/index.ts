import type { Argument } from "../bash/state.ts";
import { findCommands } from "./find.ts";
import { gitCommand } from "./git.ts";
import { scriptCommands } from "./scripts.ts";
import { checkSpec, type Context, NotHarmless, type Options, type Output, parseOptions, type Spec } from "./spec.ts";
import { systemCommands } from "./system.ts";
import { textCommands } from "./text.ts";
import { toolCommands } from "./tools.ts";
import { wrapperCommands } from "./wrappers.ts";

type Entry = { spec: Spec; options: Options };

let table: Map<string, Entry> | undefined;

function catalogue(): Map<string, Entry> {
  if (table !== undefined) return table;
  table = new Map();
  for (const spec of [
    ...textCommands,
    ...systemCommands,
    ...toolCommands,
    ...findCommands,
    ...scriptCommands,
    ...wrapperCommands,
    gitCommand,
  ]) {
    const entry = { spec, options: parseOptions(spec.options ?? "") };
    for (const name of spec.names.split(" ")) {
      if (table.has(name)) throw new Error(`catalogue: ${name} is there twice`);
      table.set(name, entry);
    }
  }
  return table;
}

export const isBuiltin = (name: string): boolean => catalogue().get(name)?.spec.builtin === true;

/** @throws NotHarmless */
export function checkCommand(name: string, words: readonly Argument[], context: Context): Output {
  const entry = catalogue().get(name);
  if (entry === undefined) throw new NotHarmless(`${name} is not known to be harmless`);
  return checkSpec(name, entry.spec, entry.options, words, context);
}
