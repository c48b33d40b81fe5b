import { commandLengthMax } from "./limits.ts";

// Blanks and invisible characters that a person, a shell and a parser may see differently; and half characters.
const invisible = /[\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u0080-\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\ufff0-\uffff]/u;
const control = /[\0-\x08\x0b-\x1f\x7f]/;
const loneSurrogate = /\p{Surrogate}/u;

/** Why a command is not even parsed; undefined when it can be. */
export function unreadable(command: string): string | undefined {
  if (command.length > commandLengthMax) return `it is longer than ${commandLengthMax} characters`;
  if (control.test(command)) return "it holds control characters";
  if (invisible.test(command)) return "it holds invisible or unusual blank characters";
  if (loneSurrogate.test(command)) return "it is not valid Unicode";
  return undefined;
}
