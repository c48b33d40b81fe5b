/** Names the wire, also in signatures. */
export const wireId = "anthropic";
/** Of the API; each request names it. */
export const apiVersion = "2023-06-01";
/** Thinking between calls; models that decide themselves how much to think do it without. */
export const interleaved = "interleaved-thinking-2025-05-14";
