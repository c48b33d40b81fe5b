import type { TerminalTraits } from "../../protocol/index.ts";

/** What to leave out for a terminal that is known not to do it. The defaults suit every terminal of the last ten years. */
export type Quirks = {
  /** REP, CSI b. */
  repeat: boolean;
};

// The Linux console learnt REP in 2024, GNU screen in version 5; Apple's and JetBrains' terminals and Emacs ignore it.
const withoutRepeat = /(^|\s)(dumb|linux|screen|eterm)|apple_terminal|jetbrains|jediterm|emacs|rxvt/i;

export function quirksOf(term: TerminalTraits): Quirks {
  return { repeat: !withoutRepeat.test(term.name) };
}
