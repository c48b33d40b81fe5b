// A Chat Completions request as the script sees it.

export type ChatMessage = {
  role: string;
  content?: unknown;
  tool_calls?: { id: string; function: { name: string; arguments: string } }[];
  tool_call_id?: string;
};
export type ChatRequest = { model?: string; messages?: ChatMessage[]; tools?: { function?: { name?: string } }[]; stream?: boolean };

/** A call that was made in this turn, and what came of it. */
export type Step = { tool: string; input: Record<string, unknown>; result: string };

export type Situation = {
  /** From the system text; "." when it does not say. */
  directory: string;
  /** Names of the tools that are offered. */
  tools: ReadonlySet<string>;
  /** The last thing that a person said. */
  request: string;
  /** Calls since then, oldest first. */
  steps: readonly Step[];
};

export type Call = { tool: string; input: Record<string, unknown> };
/** What the script does next: says something, and calls tools or ends the turn. */
export type Move = { say: string; calls: Call[] };

const textOf = (content: unknown): string =>
  typeof content === "string"
    ? content
    : Array.isArray(content)
      ? content.map((part: { text?: unknown }) => (typeof part?.text === "string" ? part.text : "")).join("\n")
      : "";

const inputOf = (json: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};

export function readSituation(body: ChatRequest): Situation {
  const messages = Array.isArray(body.messages) ? body.messages : [];
  const system = messages
    .filter((message) => message.role === "system" || message.role === "developer")
    .map((message) => textOf(message.content))
    .join("\n");
  const last = messages.findLastIndex((message) => message.role === "user");
  const steps: Step[] = [];
  const since = messages.slice(last + 1);
  for (const message of since) {
    for (const call of message.tool_calls ?? []) {
      const result = since.find((each) => each.role === "tool" && each.tool_call_id === call.id);
      if (result) steps.push({ tool: call.function.name, input: inputOf(call.function.arguments), result: textOf(result.content) });
    }
  }
  return {
    directory: /^\s*Working directory:\s*(.+?)\s*$/im.exec(system)?.[1] ?? ".",
    tools: new Set((Array.isArray(body.tools) ? body.tools : []).flatMap((tool) => tool.function?.name ?? [])),
    request: last < 0 ? "" : textOf(messages[last]?.content).trim(),
    steps,
  };
}
