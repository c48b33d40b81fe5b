// What is wanted of an Anthropic Messages stream.
import type { ObjectNode, SseSchema } from "../../kernels/sse-schema.ts";

export const field = {
  text: 1,
  thinking: 2,
  signature: 3,
  arguments: 4,
  blockStart: 5,
  blockStop: 6,
  start: 7,
  stopReason: 8,
  usage: 9,
  stop: 10,
  error: 11,
  citation: 12,
  compaction: 13,
} as const;

/** What stands beside the index of a content block. */
const block = (keys: ObjectNode["keys"]): ObjectNode => ({ kind: "object", scope: true, keys: { index: { kind: "context" }, ...keys } });

export const schema: SseSchema = {
  errorField: field.error,
  root: {
    kind: "object",
    // Gateways send errors without a type.
    keys: { error: { kind: "raw", field: field.error } },
    by: {
      key: "type",
      cases: {
        // The type of a delta needs no look: each has a key of its own.
        content_block_delta: block({
          delta: {
            kind: "object",
            keys: {
              text: { kind: "text", field: field.text, run: true },
              partial_json: { kind: "text", field: field.arguments, run: true },
              thinking: { kind: "text", field: field.thinking, run: true },
              signature: { kind: "text", field: field.signature, run: true },
              citation: { kind: "raw", field: field.citation },
              // Of a compaction_delta.
              content: { kind: "text", field: field.compaction, run: true },
            },
          },
        }),
        content_block_start: block({ content_block: { kind: "raw", field: field.blockStart } }),
        content_block_stop: block({ type: { kind: "raw", field: field.blockStop } }),
        message_start: { kind: "object", keys: { message: { kind: "raw", field: field.start } } },
        message_delta: {
          kind: "object",
          keys: {
            usage: { kind: "raw", field: field.usage },
            delta: { kind: "object", keys: { stop_reason: { kind: "text", field: field.stopReason } } },
          },
        },
        message_stop: { kind: "object", keys: { type: { kind: "raw", field: field.stop } } },
        error: { kind: "object", keys: { error: { kind: "raw", field: field.error } } },
      },
    },
  },
};
