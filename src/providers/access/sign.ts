// Signature Version 4 of Amazon, by aws4fetch.
import { createHash } from "node:crypto";
import { AwsV4Signer } from "aws4fetch";
import type { AwsCredentials } from "./aws.ts";

/** @returns the headers with the signature. `body` is hashed as it lies, in pieces: a prompt of some MB takes about 2 ms a MB */
export async function signed(
  credentials: AwsCredentials,
  region: string,
  request: { method?: string; url: string; headers: Record<string, string>; body?: readonly Uint8Array[] },
): Promise<Record<string, string>> {
  const hash = createHash("sha256");
  for (const piece of request.body ?? []) hash.update(piece);
  const signer = new AwsV4Signer({
    method: request.method ?? "POST",
    url: request.url,
    headers: { ...request.headers, "x-amz-content-sha256": hash.digest("hex") },
    ...credentials,
    service: "bedrock",
    region,
  });
  return Object.fromEntries((await signer.sign()).headers);
}
