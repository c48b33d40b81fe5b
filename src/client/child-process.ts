import { createRequire } from "node:module";

/** Loaded when it is first needed: that takes 3 ms, and nearly every start goes without. */
export const childProcess = (): typeof import("node:child_process") => createRequire(import.meta.url)("node:child_process");
