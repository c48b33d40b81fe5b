// Frames that come at the rate of keys and patches: checked by hand, no schema (0.1 us). schema/frames.ts describes the same.
import type { PeerPort } from "../contracts/coordinator.ts";
import { inputBytesMax, screenColsMax, screenColsMin, screenRowsMax, screenRowsMin } from "../protocol/index.ts";

type Fields = Record<string, unknown>;

const isId = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffffffff;
const isWithin = (value: unknown, min: number, max: number): value is number =>
  Number.isInteger(value) && (value as number) >= min && (value as number) <= max;

/** Frame type -> does it, or says what is wrong with the frame. */
export const hotFrames: Readonly<Record<string, (port: PeerPort, frame: Fields) => string | undefined>> = Object.assign(
  Object.create(null),
  {
    input(port: PeerPort, { screen, bytes }: Fields) {
      if (!isId(screen)) return "input.screen must be the number of a screen";
      if (!(bytes instanceof Uint8Array) || bytes.length === 0 || bytes.length > inputBytesMax)
        return `input.bytes must be 1 to ${inputBytesMax} bytes`;
      // A copy: `bytes` is a view on the socket's chunk, and posting a view to a worker clones all that is behind it.
      port.input(screen, new Uint8Array(bytes));
    },
    resize(port: PeerPort, { screen, cols, rows }: Fields) {
      if (!isId(screen)) return "resize.screen must be the number of a screen";
      if (!isWithin(cols, screenColsMin, screenColsMax)) return `resize.cols must be ${screenColsMin} to ${screenColsMax}`;
      if (!isWithin(rows, screenRowsMin, screenRowsMax)) return `resize.rows must be ${screenRowsMin} to ${screenRowsMax}`;
      port.resize(screen, cols, rows);
    },
    ack(port: PeerPort, { screen, seq }: Fields) {
      if (!isId(screen)) return "ack.screen must be the number of a screen";
      if (!isWithin(seq, 0, Number.MAX_SAFE_INTEGER)) return "ack.seq must be the seq of a patch";
      port.ack(screen, seq);
    },
    repaint(port: PeerPort, { screen }: Fields) {
      if (!isId(screen)) return "repaint.screen must be the number of a screen";
      port.repaint(screen);
    },
    focus(port: PeerPort, { screen, focused }: Fields) {
      if (!isId(screen)) return "focus.screen must be the number of a screen";
      if (typeof focused !== "boolean") return "focus.focused must be true or false";
      port.focus(screen, focused);
    },
  } satisfies Record<string, (port: PeerPort, frame: Fields) => string | undefined>,
);
