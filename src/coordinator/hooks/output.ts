// What a hook says: its exit code and, with code 0, a JSON object in Crush's format or in Claude's.
import type { SpawnResult } from "../../contracts/tool.ts";

/** `failed`: it said nothing that counts, and why; the call goes on as if there were no such hook. */
export type HookSaid = {
  decision?: "allow" | "deny" | "ask";
  /** The whole turn ends. */
  halt?: boolean;
  reason?: string;
  context?: string[];
  /** Keys to be replaced in the call's input, one level deep. */
  updatedInput?: Record<string, unknown>;
  failed?: string;
};

/** Blocks the call, with standard error as the reason. */
const exitDeny = 2;
/** Ends the turn, with standard error as the reason. */
const exitHalt = 49;
/** A reason or a note is read by the model and by a person: longer ones are cut. */
const textCharsMax = 8_000;

/** Claude's older words for the two. */
const decisions: { readonly [word: string]: HookSaid["decision"] } = {
  allow: "allow",
  approve: "allow",
  deny: "deny",
  block: "deny",
  ask: "ask",
};

/** Reads the end of a hook's process. Never throws. */
export function readHookResult(result: SpawnResult, timeoutMs: number): HookSaid {
  if (result.timedOut) return { failed: `took longer than ${timeoutMs / 1_000} s` };
  switch (result.exitCode) {
    case 0:
      return readEnvelope(result.stdout, result.truncated);
    case exitDeny:
      return { decision: "deny", ...reason(result.stderr) };
    case exitHalt:
      return { halt: true, ...reason(result.stderr) };
    default:
      return { failed: result.exitCode === null ? `was ended by ${result.signal ?? "a signal"}` : `exit code ${result.exitCode}` };
  }
}

function readEnvelope(stdout: string, truncated: boolean): HookSaid {
  const text = stdout.trim();
  // Words that are no JSON are a script's chatter, as in Crush: no opinion.
  if (!text.startsWith("{")) return {};
  if (truncated) return { failed: "its output is too long" };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { failed: "its output is not valid JSON" };
  }
  const crush = objectOf(value);
  const claude = objectOf(crush.hookSpecificOutput);
  const decision = decisionOf(claude.permissionDecision) ?? decisionOf(crush.decision);
  const context = [...texts(crush.context), ...texts(claude.additionalContext)];
  const updated = [crush.updated_input, claude.updatedInput].filter(isObject);
  return {
    ...(decision !== undefined && { decision }),
    ...((crush.halt === true || crush.continue === false) && { halt: true }),
    ...reason(claude.permissionDecisionReason ?? crush.reason ?? crush.stopReason),
    ...(context.length > 0 && { context }),
    ...(updated.length > 0 && { updatedInput: Object.assign({}, ...updated) as Record<string, unknown> }),
  };
}

const decisionOf = (word: unknown): HookSaid["decision"] =>
  typeof word === "string" && Object.hasOwn(decisions, word) ? decisions[word] : undefined;

function reason(said: unknown): { reason?: string } {
  const [text] = texts(said);
  return text === undefined ? {} : { reason: text };
}

/** A text or a list of texts, empty ones left out. */
function texts(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list
    .filter((one): one is string => typeof one === "string" && one.trim() !== "")
    .map((one) => (one.length > textCharsMax ? `${one.slice(0, textCharsMax)}…` : one).trim());
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const objectOf = (value: unknown): Record<string, unknown> => (isObject(value) ? value : {});
