/** Names the wire, also in signatures. */
export const wireId = "anthropic";
/** Of the API; each request names it. */
export const apiVersion = "2023-06-01";
