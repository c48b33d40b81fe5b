// What is wanted of an OpenAI Responses stream. The type of an event says what its `delta` is.
import type { ObjectNode, SseSchema } from "../../kernels/sse-schema.ts";

export const field = {
  text: 1,
  refusal: 2,
  reasoning: 3,
  arguments: 4,
  summaryPart: 5,
  itemAdded: 6,
  itemDone: 7,
  response: 8,
  error: 9,
} as const;

const delta = (at: number): ObjectNode => ({ kind: "object", keys: { delta: { kind: "text", field: at, run: true } } });
/** What stands beside the index of an output item. */
const item = (keys: ObjectNode["keys"]): ObjectNode => ({
  kind: "object",
  scope: true,
  keys: { output_index: { kind: "context" }, ...keys },
});
const response: ObjectNode = { kind: "object", keys: { response: { kind: "raw", field: field.response } } };

export const schema: SseSchema = {
  errorField: field.error,
  root: {
    kind: "object",
    // Gateways send errors without a type.
    keys: { error: { kind: "raw", field: field.error } },
    by: {
      key: "type",
      cases: {
        "response.output_text.delta": delta(field.text),
        "response.refusal.delta": delta(field.refusal),
        "response.reasoning_summary_text.delta": delta(field.reasoning),
        // Models with open weights show what they really thought.
        "response.reasoning_text.delta": delta(field.reasoning),
        "response.reasoning_summary_part.added": { kind: "object", keys: { summary_index: { kind: "raw", field: field.summaryPart } } },
        "response.function_call_arguments.delta": item({ delta: { kind: "text", field: field.arguments, run: true } }),
        "response.output_item.added": item({ item: { kind: "raw", field: field.itemAdded } }),
        "response.output_item.done": item({ item: { kind: "raw", field: field.itemDone } }),
        "response.completed": response,
        "response.incomplete": response,
        "response.failed": response,
        // Its words stand beside its type, or under `error`.
        error: { kind: "object", keys: { type: { kind: "whole", field: field.error } } },
      },
    },
  },
};
