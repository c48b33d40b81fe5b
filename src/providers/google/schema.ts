// What is wanted of a Gemini streamGenerateContent stream. Each event repeats the counts of tokens so far.
import type { SseSchema } from "../../kernels/sse-schema.ts";

export const field = {
  text: 1,
  part: 2,
  finish: 3,
  finishMessage: 4,
  feedback: 5,
  error: 6,
  prompt: 7,
  candidates: 8,
  thoughts: 9,
  cached: 10,
  toolPrompt: 11,
} as const;

/** Context of texts that are thoughts. */
export const thought = 1;

const whole = { kind: "whole", field: field.part } as const;

export const schema: SseSchema = {
  errorField: field.error,
  root: {
    kind: "object",
    keys: {
      candidates: {
        kind: "array",
        only: true,
        item: {
          kind: "object",
          keys: {
            content: {
              kind: "object",
              keys: {
                parts: {
                  kind: "array",
                  item: {
                    kind: "object",
                    scope: true,
                    keys: {
                      text: { kind: "text", field: field.text, run: true },
                      thought: { kind: "context", flag: true },
                      // A signature belongs to the part that it stands in, whatever that is.
                      thoughtSignature: whole,
                      functionCall: whole,
                    },
                  },
                },
              },
            },
            finishReason: { kind: "text", field: field.finish },
            finishMessage: { kind: "text", field: field.finishMessage },
          },
        },
      },
      usageMetadata: {
        kind: "object",
        keys: {
          promptTokenCount: { kind: "count", field: field.prompt },
          candidatesTokenCount: { kind: "count", field: field.candidates },
          thoughtsTokenCount: { kind: "count", field: field.thoughts },
          cachedContentTokenCount: { kind: "count", field: field.cached },
          toolUsePromptTokenCount: { kind: "count", field: field.toolPrompt },
        },
      },
      promptFeedback: { kind: "raw", field: field.feedback },
      error: { kind: "raw", field: field.error },
    },
  },
};
