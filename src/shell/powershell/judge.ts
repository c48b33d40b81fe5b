import type { Parse } from "../tree-sitter.ts";
import type { CheckRequest, Verdict } from "../types.ts";

export function judgePowerShell(_request: CheckRequest, _grammar: Parse): Verdict {
  return { decision: "ask", why: "PowerShell commands are asked about" };
}
