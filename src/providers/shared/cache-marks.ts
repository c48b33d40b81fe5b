// Marks of Anthropic's prompt cache, at Anthropic and at whoever passes them on.
import type { MovingMark } from "../../contracts/wire-format.ts";

export const ephemeral = { type: "ephemeral" };

/** Marks are left out for those who pay for cache writes they do not read again. */
export const caches = (): boolean => !process.env.CRUSH_DISABLE_ANTHROPIC_CACHE;

/** Two of the four marks that a request may have: one is found again by the next request, the other by one that is repeated. */
const markedMessages = 2;

/** The mark in the last block of those messages that can have it: `content` is a list of blocks, and stands last in the message. */
export const movingMark = (fits: MovingMark["fits"]): MovingMark => ({
  text: `,"cache_control":${JSON.stringify(ephemeral)}`,
  before: "}]}".length,
  count: markedMessages,
  fits,
});
