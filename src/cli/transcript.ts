import type { Message, Part, Session } from "../protocol/index.ts";

/** A session as Markdown: what was said and done, in order. Tool output is fenced so that it stays what it is. */
export function messagesToMarkdown(session: Session, messages: Message[]): string {
  const lines = [
    `# ${session.title}`,
    "",
    `Session ${session.hash.slice(0, 7)}, ${new Date(session.createdAt).toISOString()}, ${session.workspace}`,
    "",
  ];
  for (const message of messages) {
    if (message.summary) lines.push(`## Compacted: ${message.summary.messages} messages`, "");
    else if (message.role === "user") lines.push(`## User${message.undone ? " (undone)" : ""}`, "");
    else if (message.role === "assistant")
      lines.push(
        `## Assistant${message.model ? ` (${message.model.provider}/${message.model.model})` : ""}${message.abandoned ? " (broken off)" : ""}${message.undone ? " (undone)" : ""}`,
        "",
      );
    for (const part of message.parts) lines.push(...partLines(part), "");
    if (message.error) lines.push(`> Error: ${message.error}`, "");
  }
  return `${lines.join("\n").trim()}\n`;
}

function partLines(part: Part): string[] {
  switch (part.kind) {
    case "text":
      return [part.text.trim()];
    case "reasoning":
      // Without words it is only what its provider wants back.
      if (part.text.trim() === "") return [];
      return part.text
        .trim()
        .split("\n")
        .map((line) => `> ${line}`);
    case "tool_call":
      return [`**${part.name}**`, ...fence(part.input, "json")];
    case "tool_result":
      return [part.isError ? "Failed:" : "Result:", ...fence(part.text, "")];
    case "file":
      return [`Attached: ${part.path} (${part.bytes} bytes)`];
  }
}

/** A fence longer than any in the text. */
function fence(text: string, language: string): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((m) => m[0].length));
  const mark = "`".repeat(longest + 1);
  return [mark + language, text.replace(/\n$/, ""), mark];
}
