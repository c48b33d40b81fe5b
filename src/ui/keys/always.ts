import { keymap, type Bindings } from "./keymap.ts";

/** Work everywhere, above every dialog. */
export type AlwaysAction = "quit" | "suspend";
export const alwaysBindings: Bindings<AlwaysAction> = {
  quit: ["ctrl+c"],
  suspend: ["ctrl+z"],
};
export const alwaysKeys = keymap("always", alwaysBindings);
