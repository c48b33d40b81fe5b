// The demo's script: a situation in, the next move out. Pure, so the same conversation gets the same answer.
import type { Move, Situation } from "./chat.ts";
import footer from "./footer.md";
import { kinds, unknown } from "./kinds.ts";

/** More calls than any script makes: one that goes round in circles ends here. */
const stepsMax = 8;

/** Every move that ends the turn says what this is and how to connect a model. */
export function nextMove(situation: Situation): Move {
  const move = decide(situation);
  return move.calls.length > 0 ? move : { ...move, say: `${move.say}\n${footer.trimEnd()}` };
}

function decide(situation: Situation): Move {
  if (situation.steps.length >= stepsMax) return { say: "I stop here: that is as far as my script goes.", calls: [] };
  for (const kind of kinds) {
    const move = kind.next(situation);
    if (!move) continue;
    const missing = move.calls.find((call) => !situation.tools.has(call.tool));
    if (missing) return { say: `For that I would use the tool \`${missing.tool}\`, which I was not given.`, calls: [] };
    return move;
  }
  return unknown();
}
