import { type Bindings, keymap } from "./keymap.ts";

/** In the session list, before the keys of every list. */
export type SessionsAction = "rename" | "delete";
export const sessionsBindings: Bindings<SessionsAction> = { rename: ["ctrl+r"], delete: ["ctrl+x"] };
export const sessionsKeys = keymap("sessions", sessionsBindings);
