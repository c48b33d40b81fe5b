// A Bedrock stream -> records: binary messages, each with one event of the Anthropic stream in it, in base64 or as it is. They are
// written out as server-sent events for the kernel, which so learns their shapes as it does those of Anthropic itself.
import type { StreamRecord } from "../../contracts/wire-format.ts";
import { AnthropicDecoder } from "../anthropic/decode.ts";
import { makeFault, streamFault } from "../shared/faults.ts";
import { inside, textOf } from "../shared/json.ts";
import { FrameError, type FrameMessage, Frames } from "./frames.ts";

const none = new Uint8Array(0);
/** The usual payload: `{"bytes":"<base64>","p":"<padding>"}` */
const bytesKey = Buffer.from('{"bytes":"');
const quote = 0x22;
/** What an exception would be as an answer; the rest are the server's fault. */
const statuses: Record<string, number> = {
  throttlingException: 429,
  modelNotReadyException: 429,
  serviceUnavailableException: 503,
  modelTimeoutException: 408,
  validationException: 400,
  accessDeniedException: 403,
  resourceNotFoundException: 404,
};
const before = Buffer.from("data: ");
const after = Buffer.from("\n\n");

export class BedrockDecoder extends AnthropicDecoder {
  readonly #frames = new Frames();
  /** Events of this chunk, written out. */
  #events = Buffer.allocUnsafe(8 << 10);
  #length = 0;
  #broken = false;

  override feed(bytes: Uint8Array): StreamRecord[] {
    if (this.#broken) return [];
    const records: StreamRecord[] = [];
    try {
      this.#frames.feed(bytes, (message) => this.#take(message, records));
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#pass(records);
      this.#broken = true;
      this.fail(makeFault("protocol", "The provider (in the stream)", error.message));
    }
    this.#pass(records);
    return records;
  }

  override end(): StreamRecord[] {
    return this.#broken ? [] : super.end();
  }

  #take({ headers, payload }: FrameMessage, records: StreamRecord[]): void {
    if (this.#broken) return;
    const kind = headers.get(":message-type") ?? "event";
    if (kind === "event") {
      this.#write(payload);
      return;
    }
    this.#pass(records);
    // After either kind nothing follows.
    this.#broken = true;
    const said = parse(payload);
    const type = kind === "exception" ? headers.get(":exception-type") : headers.get(":error-code");
    this.fail(
      streamFault({
        type: type ?? kind,
        message:
          textOf(said.message) || textOf(said.Message) || headers.get(":error-message") || textOf(said.originalMessage) || type || kind,
        status: statuses[type ?? ""] ?? 500,
      }),
    );
  }

  /** Gives the kernel what has been written out. */
  #pass(records: StreamRecord[]): void {
    const more = super.feed(this.#length === 0 ? none : this.#events.subarray(0, this.#length));
    this.#length = 0;
    for (const record of more) records.push(record);
  }

  // Hot: once an event. Base64 is decoded straight to where the kernel's input is taken from.
  #write(payload: Buffer): void {
    let json = payload;
    let base64 = "";
    if (payload.subarray(0, bytesKey.length).equals(bytesKey)) {
      const end = payload.indexOf(quote, bytesKey.length);
      base64 = payload.toString("latin1", bytesKey.length, end < 0 ? bytesKey.length : end);
    } else {
      const { bytes } = parse(payload);
      if (typeof bytes === "string") base64 = bytes;
    }
    const size = base64 === "" ? json.length : Math.ceil((base64.length * 3) / 4);
    this.#room(before.length + size + after.length);
    before.copy(this.#events, this.#length);
    const from = this.#length + before.length;
    let to = from;
    if (base64 === "") to += json.copy(this.#events, from);
    else to += this.#events.write(base64, from, "base64");
    json = this.#events.subarray(from, to);
    // Line ends between tokens would end the event's line.
    if (json.indexOf(10) >= 0 || json.indexOf(13) >= 0)
      for (let i = 0; i < json.length; i++) if (json[i] === 10 || json[i] === 13) json[i] = 0x20;
    after.copy(this.#events, to);
    this.#length = to + after.length;
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#events.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#events.length, this.#length + bytes));
    this.#events.copy(larger, 0, 0, this.#length);
    this.#events = larger;
  }
}

function parse(payload: Buffer) {
  try {
    return inside(JSON.parse(payload.toString("utf8")));
  } catch {
    return {};
  }
}
