import type { ProviderFault, StreamDecoder, StreamRecord } from "../../contracts/wire-format.ts";
import type { FinishReason } from "../../protocol/index.ts";
import { type Answer, openAnswer } from "./answer.ts";
import type { Exchange } from "./connection.ts";
import type { Sniff } from "./sniff.ts";

/** What of an error answer is read: the wire looks at no more. */
export const errorBodyBytesMax = 65_536;

/** All of one attempt that the next one must not see. */
export type Attempt = {
  message: string;
  startedAt: number;
  answer: Answer;
  decoder: StreamDecoder | undefined;
  exchange: Exchange | undefined;
  status: number;
  headers: Record<string, string | string[] | undefined>;
  chunks: Uint8Array[];
  kind: Sniff;
  errorBody: Uint8Array[];
  errorBytes: number;
  ended: boolean;
  broken: ProviderFault | undefined;
  finish: FinishReason | undefined;
  usage: Extract<StreamRecord, { kind: "usage" }> | undefined;
  stopped: boolean;
  sentBytes: number;
};

export const openAttempt = (session: string, message: string, startedAt: number, callKnown: (call: string) => boolean): Attempt => ({
  message,
  startedAt,
  answer: openAnswer(session, message, callKnown),
  decoder: undefined,
  exchange: undefined,
  status: 0,
  headers: {},
  chunks: [],
  kind: "unknown",
  errorBody: [],
  errorBytes: 0,
  ended: false,
  broken: undefined,
  finish: undefined,
  usage: undefined,
  stopped: false,
  sentBytes: 0,
});

/** Gathers the body of an answer that is no stream. @returns all of it that counts, or undefined while more may come */
export function takeErrorBody(attempt: Attempt, chunks: readonly Uint8Array[]): string | undefined {
  for (const chunk of chunks) {
    if (attempt.errorBytes >= errorBodyBytesMax) break;
    attempt.errorBody.push(chunk);
    attempt.errorBytes += chunk.length;
  }
  if (!attempt.ended && !attempt.broken && attempt.errorBytes < errorBodyBytesMax) return undefined;
  return Buffer.concat(attempt.errorBody).subarray(0, errorBodyBytesMax).toString();
}
