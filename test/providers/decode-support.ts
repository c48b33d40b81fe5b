import { expect } from "vitest";
import type { StreamRecord, WireFormat } from "../../src/contracts/wire-format.ts";
import { openWireFormats } from "../../src/providers/index.ts";
import { cut } from "../kernels/sse-support.ts";

type Asked = Parameters<ReturnType<typeof openWireFormats>>[0];

/** The wire of a provider, with either version of the kernel. */
export function wiresOf(provider: Asked): { mode: string; wire: WireFormat }[] {
  return (["wasm", "plain"] as const).map((mode) => ({ mode, wire: openWireFormats("dist/kernels", mode)(provider)! }));
}

/** Records with deltas that follow one another joined, so that cuts do not show. */
export function decode(pieces: Iterable<Uint8Array>, wire: WireFormat): StreamRecord[] {
  const decoder = wire.decoder();
  const joined: StreamRecord[] = [];
  const add = (record: StreamRecord) => {
    const last = joined.at(-1);
    if ((record.kind === "text" || record.kind === "reasoning") && last?.kind === record.kind) last.text += record.text;
    else if (record.kind === "tool" && last?.kind === "tool" && last.index === record.index) {
      if (record.id !== undefined) last.id = record.id;
      if (record.name !== undefined) last.name = record.name;
      last.arguments += record.arguments;
    } else joined.push({ ...record });
  };
  for (const piece of pieces) decoder.feed(piece).forEach(add);
  decoder.end().forEach(add);
  decoder.close();
  return joined;
}

/** What both kernels say of a stream, whole and cut at every byte. */
export function bothSay(wires: { mode: string; wire: WireFormat }[], bytes: Uint8Array): StreamRecord[] {
  const want = decode([bytes], wires[0]!.wire);
  for (const { mode, wire } of wires) for (const pieces of [[bytes], [...cut(bytes, 1)]]) expect(decode(pieces, wire), mode).toEqual(want);
  return want;
}

/** Events with their names, as Anthropic and OpenAI send them. */
export const named = (...events: ({ type: string } & Record<string, unknown>)[]): Buffer =>
  Buffer.from(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(""));
export const unnamed = (...events: object[]): Buffer =>
  Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}\r\n\r\n`).join(""));

export const signed = (wire: string, data: object) => ({ kind: "signature", text: JSON.stringify({ wire, ...data }) });
