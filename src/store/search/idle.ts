import type { Clock } from "../../contracts/base.ts";
import type { RowBatch } from "../../contracts/store.ts";
import { searchIdleMs, searchLatestMs, searchPauseMs } from "../limits.ts";

export interface IdleWork {
  /** Something may be there to do. */
  wake(): void;
  /** A batch was committed. */
  committed(batch: RowBatch): void;
  stop(): void;
}

/**
 * When the index is brought up to date: once the disk was left alone for `searchIdleMs`, or `searchLatestMs` after there was first something
 * to do, in pieces with a pause between, so that a batch never waits for more than one. No timer runs when nothing is due.
 * @param piece  does some; true when more waits
 */
export function openIdleWork(clock: Clock, piece: () => boolean): IdleWork {
  let cancel: (() => void) | undefined;
  let committedAt = Number.NEGATIVE_INFINITY;
  let since = 0;

  const arm = (ms: number): void => {
    cancel = clock.after(ms, fire);
  };
  const fire = (): void => {
    cancel = undefined;
    const now = clock.now();
    const quiet = now - committedAt >= searchIdleMs;
    if (!quiet && now - since < searchLatestMs) arm(searchIdleMs);
    else if (piece()) arm(quiet ? searchPauseMs : searchIdleMs);
  };
  const wake = (): void => {
    if (cancel !== undefined) return;
    since = clock.now();
    arm(searchIdleMs);
  };

  return {
    wake,
    committed(batch) {
      committedAt = clock.now();
      if (batch.rows.some((row) => row.row === "event" && ending.has(row.event.kind))) wake();
    },
    stop() {
      cancel?.();
      cancel = undefined;
    },
  };
}

/** Events that leave something to do. A message can be created finished. */
const ending: ReadonlySet<string> = new Set(["message.created", "message.finished", "session.deleted"]);
