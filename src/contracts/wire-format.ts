import type { FinishReason, Message, Usage } from "../protocol/index.ts";
import type { ProviderConfig, SelectedModel } from "./config.ts";

export type ToolSpec = { name: string; description: string /** JSON Schema of the input object. */; parameters: Record<string, unknown> };

/** All that a completion needs besides the conversation. Plain data: it crosses the link. */
export type CompletionRequest = {
  provider: ProviderConfig;
  model: SelectedModel & { maxOutputTokens: number; contextWindow: number };
  /** System texts in order. Stable from request to request, so that the provider's prompt cache holds. */
  system: string[];
  tools: ToolSpec[];
  /** Longest silence on an open stream. */
  idleTimeoutMs: number;
  headersTimeoutMs: number;
  retriesMax: number;
};

/** What a provider's stream says, in order of arrival; texts are deltas. */
export type StreamRecord =
  | { kind: "text"; text: string }
  | { kind: "reasoning"; text: string }
  /**
   * Ends the reasoning before it; without any, it is a reasoning part of its own. Kept as ReasoningPart.signature, for its wire only:
   * what was signed, and what we have no part for (tools that ran at the provider, citations, sources), as the wire has it.
   */
  | { kind: "signature"; text: string }
  /** `index` tells parallel calls apart; id and name may come with or before the first arguments. */
  | { kind: "tool"; index: number; id?: string; name?: string; arguments: string }
  | { kind: "finish"; reason: FinishReason }
  | { kind: "usage"; usage: Omit<Usage, "cost">; cost?: number }
  /** An error inside the stream. */
  | { kind: "error"; error: ProviderFault }
  /** The provider's own end mark. */
  | { kind: "done" };

export type ProviderFaultKind =
  | "rate_limit"
  | "overloaded"
  | "quota"
  | "context_too_long"
  | "bad_key"
  | "bad_request"
  | "refused"
  | "not_found"
  | "server"
  | "network"
  | "timeout"
  | "protocol";

/** What went wrong at a provider: for the retry policy (kind, retryAfterMs) and for a person (message: what, where, what to do). */
export type ProviderFault = { kind: ProviderFaultKind; message: string; status?: number; retryable: boolean; retryAfterMs?: number };

/** Reads one response body. Feed it bytes cut anywhere; the same bytes give the same records however they are cut. */
export interface StreamDecoder {
  /** Records of all events completed by these bytes, runs of equal kind coalesced. */
  feed(bytes: Uint8Array): StreamRecord[];
  /** The body has ended: what is still open. A body that ends without finish and end mark is an `error` record of kind network. */
  end(): StreamRecord[];
  /** Frees its slot. */
  close(): void;
}

/** Takes the pieces of a segment in order. */
export interface SegmentSink {
  /** JSON text, without halves of surrogate pairs. */
  text(json: string): void;
  /** JSON text in UTF-8, valid only while this is called. */
  bytes(json: Uint8Array): void;
}

/** A prompt cache mark that stands in the last segments and moves on with the conversation. No segment is made anew for it. */
export type MovingMark = {
  /** JSON that is put into a segment, ASCII. */
  text: string;
  /** So many bytes of the segment follow it: the brackets that close its last block. */
  before: number;
  /** In so many segments it stands: the last ones that can have it. */
  count: number;
  fits(message: Message): boolean;
};

/** Where a request goes, and its headers but for those that `authorize` adds. */
export type Endpoint = { url: string; headers: Record<string, string> };

/** A provider's wire: how messages become bytes and bytes become records. Pure; quirks are data. */
export interface WireFormat {
  readonly id: string;
  endpoint(request: CompletionRequest, session: string): Endpoint;
  /**
   * For wires whose headers need the body or another server first (signatures, access tokens): all headers of the request.
   * Called for each attempt.
   */
  authorize?(
    request: CompletionRequest,
    endpoint: Endpoint,
    body: readonly Uint8Array[],
  ): Promise<{ headers: Record<string, string> } | { fault: ProviderFault }>;
  /** Body = head + segments joined with "," + tail. */
  head(request: CompletionRequest): string;
  /** JSON of one stored message in this format, or undefined when nothing of it is sent. Must not depend on later messages. */
  segment(message: Message, request: CompletionRequest): string | undefined;
  /** Gives `segment` out in pieces, long texts as bytes that never were a JS string. @returns false when nothing of it is sent */
  write(message: Message, request: CompletionRequest, into: SegmentSink): boolean;
  /** For providers that want cache marks within messages; undefined when there are none. */
  mark?(request: CompletionRequest): MovingMark | undefined;
  tail(request: CompletionRequest): string;
  decoder(): StreamDecoder;
  /** Maps an HTTP error answer. `body` is its first 64 KiB. */
  fault(status: number, headers: Record<string, string | string[] | undefined>, body: string, provider: ProviderConfig): ProviderFault;
}
