/** Names the wire, also in signatures. */
export const wireId = "openai-chat";
