import { createHash } from "node:crypto";
import { hashChars } from "./limits.ts";

/** The short name of a session: the first 16 hex digits of SHA-256 of its id. */
export function sessionHash(id: string): string {
  return createHash("sha256").update(id).digest("hex").slice(0, hashChars);
}
