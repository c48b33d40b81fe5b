import type { DurableBody, Turn } from "../../protocol/index.ts";

/** What is told of a turn that counts no more (`undone`), or again. */
export const toldOf = ({ undone: _, ...turn }: Turn, undone: boolean): DurableBody =>
  undone ? { kind: "turn.undone", data: { turn: { ...turn, undone } } } : { kind: "turn.redone", data: { turn } };
