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
  callId: 12,
  callName: 13,
  callArguments: 14,
  signature: 15,
  partEnd: 16,
  grounding: 17,
  citations: 18,
  urls: 19,
  callPieces: 20,
  callContinues: 21,
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
                    // A signature belongs to the part that it stands in, whatever that is, and stands in front of it or behind.
                    end: field.partEnd,
                    keys: {
                      text: { kind: "text", field: field.text, run: true },
                      thought: { kind: "context", flag: true },
                      thoughtSignature: { kind: "text", field: field.signature },
                      functionCall: {
                        kind: "object",
                        keys: {
                          name: { kind: "text", field: field.callName },
                          id: { kind: "text", field: field.callId },
                          // A call comes whole and goes on as text.
                          args: { kind: "json", field: field.callArguments },
                          // Unless it comes in pieces.
                          partialArgs: { kind: "raw", field: field.callPieces },
                          willContinue: { kind: "raw", field: field.callContinues },
                        },
                      },
                      executableCode: whole,
                      codeExecutionResult: whole,
                      inlineData: whole,
                      fileData: whole,
                    },
                  },
                },
              },
            },
            finishReason: { kind: "text", field: field.finish },
            finishMessage: { kind: "text", field: field.finishMessage },
            groundingMetadata: { kind: "raw", field: field.grounding },
            citationMetadata: { kind: "raw", field: field.citations },
            urlContextMetadata: { kind: "raw", field: field.urls },
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
