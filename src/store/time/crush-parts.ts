// Crush's parts JSON, [{type, data}], as ours. What we do not know is left out and counted.
import type { FinishReason, Part } from "../../protocol/index.ts";

type Fields = Record<string, unknown>;
export type CrushMessage = { parts: Part[]; finish?: FinishReason; error?: string; ended: boolean; unknown: number };

const text = (value: unknown): string => (typeof value === "string" ? value : "");

const finishes: Record<string, FinishReason> = {
  end_turn: "end_turn",
  tool_use: "tool_use",
  max_tokens: "max_tokens",
  canceled: "canceled",
  error: "error",
  permission_denied: "canceled",
};

type Convert = (data: Fields) => Record<string, unknown> | undefined;

/** The signature of a thought is left out: it is worth something to its provider only, in its own request. */
const converts: { readonly [type: string]: Convert } = {
  text: (data) => (text(data["text"]) === "" ? undefined : { kind: "text", text: text(data["text"]) }),
  reasoning: (data) => (text(data["thinking"]) === "" ? undefined : { kind: "reasoning", text: text(data["thinking"]) }),
  image_url: (data) => ({ kind: "text", text: `[image: ${text(data["url"]).slice(0, 200)}]` }),
  binary: (data) => {
    const content = Buffer.from(text(data["Data"]), "base64");
    const mime = text(data["MIMEType"]) || "application/octet-stream";
    return {
      kind: "file",
      path: text(data["Path"]) || "attachment",
      mime,
      bytes: content.byteLength,
      ...(mime.startsWith("text/") && { text: content.toString("utf8") }),
    };
  },
  tool_call: (data) => ({
    kind: "tool_call",
    call: text(data["id"]),
    name: text(data["name"]),
    input: text(data["input"]),
    ...(data["finished"] === false && { incomplete: true }),
  }),
  tool_result: (data) => ({
    kind: "tool_result",
    call: text(data["tool_call_id"]),
    name: text(data["name"]),
    text: text(data["content"]),
    isError: data["is_error"] === true,
  }),
  shell_command: (data) => ({
    kind: "text",
    text: `$ ${text(data["command"])}\n${text(data["output"])}${data["exit_code"] ? `\nExit code ${String(data["exit_code"])}` : ""}`,
  }),
};

/** Never throws: a row that is no JSON is one unknown part. */
export function fromCrushParts(json: string, id: string): CrushMessage {
  let list: unknown;
  try {
    list = JSON.parse(json);
  } catch {
    return { parts: [], ended: true, unknown: 1 };
  }
  const made: CrushMessage = { parts: [], ended: false, unknown: 0 };
  for (const item of Array.isArray(list) ? (list as unknown[]) : []) {
    const { type, data } = (item ?? {}) as { type?: unknown; data?: unknown };
    const fields = (typeof data === "object" && data !== null ? data : {}) as Fields;
    if (type === "finish") {
      made.ended = true;
      made.finish = finishes[text(fields["reason"])] ?? "unknown";
      if (made.finish === "error") made.error = [text(fields["message"]), text(fields["details"])].filter((word) => word !== "").join(": ");
      continue;
    }
    const convert = Object.hasOwn(converts, String(type)) ? converts[String(type)] : undefined;
    const part = convert?.(fields);
    if (convert === undefined) made.unknown++;
    if (part !== undefined) made.parts.push({ id: `${id}:${made.parts.length}`, index: made.parts.length, ...part } as Part);
  }
  return made;
}
