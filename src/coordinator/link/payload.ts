import type { ToMain, ToWorker } from "../../contracts/link.ts";
import type { DurableEvent, Message } from "../../protocol/index.ts";

/**
 * Bytes of what a message carries, for the hop budget: bytes of input and patches, and texts by their length. What is around them
 * (some hundred bytes a message) is not counted, because finding that out would cost more than the hop.
 */
export function payloadOf(message: ToMain | ToWorker): number {
  switch (message.t) {
    case "patch":
    case "screen.input":
      return message.bytes.length;
    case "deltas":
      return message.deltas.reduce((sum, { text }) => sum + text.length, 0);
    case "events":
      return message.events.reduce((sum, event) => sum + eventText(event), 0);
    case "completion.end":
    case "completion.retry":
      return messageText(message.message);
    case "completion.start":
      return message.request.system.reduce((sum, text) => sum + text.length, 0);
    default:
      return 0;
  }
}

const textOf = (part: Message["parts"][number]): number =>
  "text" in part ? (part.text?.length ?? 0) : part.kind === "tool_call" ? part.input.length : 0;

const messageText = ({ parts }: Message): number => parts.reduce((sum, part) => sum + textOf(part), 0);

function eventText(event: DurableEvent): number {
  if (event.kind === "message.created") return messageText(event.data.message);
  return event.kind === "part.finished" ? textOf(event.data.part) : 0;
}
