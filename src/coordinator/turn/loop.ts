import { createHash } from "node:crypto";

/** Steps that are looked at, and how often one call with one result may be in them: the numbers of Crush. */
const loopSteps = 10;
const loopRepeatsMax = 5;

/** Names a call together with what came of it: equal for the same tool, input and output. */
export function callSignature(tool: string, input: string, output: string): string {
  return createHash("sha256")
    .update(JSON.stringify([tool, input, output]))
    .digest("base64url");
}

/** How often the most frequent call stands in the last steps, when that is too often. */
export function looping(steps: readonly (readonly string[])[]): number | undefined {
  const counts = new Map<string, number>();
  for (const signature of steps.slice(-loopSteps).flat()) counts.set(signature, (counts.get(signature) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  return most > loopRepeatsMax ? most : undefined;
}
