import path from "node:path";
import type { ToolIntent } from "../../contracts/tool.ts";

/** What "allow for the session" has allowed. Kept in memory: it ends with the server. */
export class SessionGrants {
  readonly #keys = new Set<string>();
  /** Rules for commands, judged on their syntax tree like those of the configuration. */
  readonly rules: string[] = [];

  has(tool: string, intent: ToolIntent): boolean {
    return this.#keys.has(grantKey(tool, intent));
  }

  add(tool: string, intent: ToolIntent, pattern: string | undefined): void {
    if (intent.command !== undefined && pattern !== undefined) this.rules.push(pattern);
    else this.#keys.add(grantKey(tool, intent));
  }
}

/** Tool, action and directory; for a command or an address the very same one. */
function grantKey(tool: string, intent: ToolIntent): string {
  const what =
    intent.command ?? (intent.url !== undefined ? origin(intent.url) : intent.path !== undefined ? path.dirname(intent.path) : "");
  return JSON.stringify([tool, intent.action, what]);
}

const origin = (url: string): string => (URL.canParse(url) ? new URL(url).origin : url);
