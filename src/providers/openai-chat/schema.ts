// What is wanted of a Chat Completions stream.
import type { SseSchema } from "../../kernels/sse-schema.ts";

export const field = {
  content: 1,
  reasoning: 2,
  refusal: 3,
  toolId: 4,
  toolName: 5,
  toolArguments: 6,
  finish: 7,
  usage: 8,
  error: 9,
  details: 10,
  annotations: 11,
  citations: 12,
  extra: 13,
} as const;

/** `content` as a list of parts (Mistral): text parts are text, thinking parts hold reasoning. */
function contentParts(value: unknown, emit: (field: number, text: string) => void): void {
  if (!Array.isArray(value)) return;
  for (const part of value as unknown[]) {
    if (typeof part === "string") emit(field.content, part);
    if (typeof part !== "object" || part === null) continue;
    const { text, thinking } = part as { text?: unknown; thinking?: unknown };
    if (typeof text === "string") emit(field.content, text);
    else if (typeof thinking === "string") emit(field.reasoning, thinking);
    else if (Array.isArray(thinking)) for (const one of thinking) if (typeof one?.text === "string") emit(field.reasoning, one.text);
  }
}

const usage = { kind: "raw", field: field.usage } as const;

export const schema: SseSchema = {
  errorField: field.error,
  root: {
    kind: "object",
    keys: {
      choices: {
        kind: "array",
        // One answer is asked for, so the first one is it: some servers number it 1.
        only: true,
        item: {
          kind: "object",
          keys: {
            delta: {
              kind: "object",
              keys: {
                content: { kind: "text", field: field.content, run: true, other: contentParts },
                // Two names of the same thing; some gateways send both at once.
                reasoning_content: { kind: "text", field: field.reasoning, run: true, group: 1 },
                reasoning: { kind: "text", field: field.reasoning, run: true, group: 1 },
                // OpenRouter's and Vercel's: the reasoning as its provider wants it back, signatures and all.
                reasoning_details: { kind: "raw", field: field.details },
                annotations: { kind: "raw", field: field.annotations },
                refusal: { kind: "text", field: field.refusal, run: true },
                tool_calls: {
                  kind: "array",
                  item: {
                    kind: "object",
                    scope: true,
                    keys: {
                      index: { kind: "context" },
                      id: { kind: "text", field: field.toolId, head: true },
                      // Google's: what signs the call.
                      extra_content: { kind: "raw", field: field.extra },
                      function: {
                        kind: "object",
                        keys: {
                          name: { kind: "text", field: field.toolName, head: true },
                          arguments: {
                            kind: "text",
                            field: field.toolArguments,
                            run: true,
                            // Some local servers send the object itself.
                            other: (value, emit) => typeof value === "object" && emit(field.toolArguments, JSON.stringify(value)),
                          },
                        },
                      },
                    },
                  },
                },
              },
            },
            finish_reason: { kind: "text", field: field.finish },
            usage,
          },
        },
      },
      usage,
      x_groq: { kind: "object", keys: { usage } },
      error: { kind: "raw", field: field.error },
      // Perplexity's and xAI's: addresses, the same in each event.
      citations: { kind: "raw", field: field.citations },
    },
  },
};
