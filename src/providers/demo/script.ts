// What the scripts share.
import type { Call, Move, Situation, Step } from "./chat.ts";

/** A script: undefined when the request is not its business. */
export type Kind = { name: string; next(situation: Situation): Move | undefined };

export const end = (say: string): Move => ({ say, calls: [] });
export const call = (say: string, ...calls: Call[]): Move => ({ say, calls });
export const last = (steps: readonly Step[], tool: string): Step | undefined => steps.findLast((step) => step.tool === tool);
