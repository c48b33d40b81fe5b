import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Attachments } from "../../contracts/attachments.ts";
import { attachmentPieceBytes, CommandError } from "../../protocol/index.ts";
import { sniffMedia } from "../../workspace/media.ts";
import type { Core } from "../core.ts";
import type { Command } from "./command.ts";

function store(core: Core): Attachments {
  if (core.options.attachments === undefined) throw new CommandError("forbidden", "This server keeps no attachments");
  return core.options.attachments;
}

/** Frames, texts and buffers of so many bytes of pieces are collected at once: V8 would let a hundred megabytes of them gather. */
const collectEveryBytes = 1 << 20;
let uncollected = 0;
let collect: ((options: { type: "minor" }) => void) | undefined;

/** A minor collection takes about a millisecond. */
function collected(bytes: number): void {
  uncollected += bytes;
  if (uncollected < collectEveryBytes) return;
  uncollected = 0;
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as typeof collect;
    setFlagsFromString("--no-expose-gc");
  }
  collect?.({ type: "minor" });
}

const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

export const attachmentBegin: Command<"attachment.begin"> = (core, upload) => store(core).begin(upload);

export const attachmentChunk: Command<"attachment.chunk"> = async (core, { hash, offset, data }) => {
  // The decoder stops where base64 ends: what it leaves out would be missing in the middle of a file.
  if (data.length % 4 !== 0 || !base64.test(data)) throw new CommandError("bad_request", "params.data is no base64");
  const bytes = Buffer.from(data, "base64");
  if (offset % attachmentPieceBytes !== 0)
    throw new CommandError("bad_request", `Pieces begin at multiples of ${attachmentPieceBytes}, not at ${offset}`);
  const answer = await store(core).piece({ hash, offset, data: bytes });
  collected(bytes.length);
  return answer;
};

export const attachmentEnd: Command<"attachment.end"> = async (core, { hash }) => {
  const { bytes, head } = await store(core).end(hash);
  return { bytes, mime: sniffMedia(head) ?? "text/plain" };
};
