// What an undo or a redo does to each file. Pure: what is on disk is handed in.
import type { ContentHash, FileWrite, UndoFile, UndoRecord } from "../../contracts/time.ts";

/** One file as it should become. `expected`: what must be there for that; undefined: nobody can say, and `why`. */
export type Step = {
  path: string;
  target: ContentHash;
  expected: ContentHash | undefined;
  mode?: number;
  made?: string;
  /** Nothing is kept of what it was. */
  uncovered?: boolean;
};

/**
 * The writes of the turns that are undone, file by file: from what the last one left to what was before the first. Where one write did
 * not begin with what the one before it had left, somebody else has written in between, and `expected` is not known.
 */
export function undoSteps(writes: readonly FileWrite[]): Step[] {
  const byPath = Map.groupBy(writes, ({ path }) => path);
  return [...byPath].map(([path, list]): Step => {
    const first = list[0]!;
    const unbroken = list.every((write, at) => at === 0 || write.before === list[at - 1]!.after);
    const made = list.find((write) => write.made !== undefined)?.made;
    return {
      path,
      target: first.before,
      expected: unbroken ? list.at(-1)!.after : undefined,
      ...(first.mode !== undefined && { mode: first.mode }),
      ...(made !== undefined && { made }),
      ...(list.some(({ uncovered }) => uncovered) && { uncovered: true }),
    };
  });
}

/** What takes an undo back: each file from what it put to what it had found. */
export const redoSteps = ({ files }: UndoRecord): Step[] =>
  files.map(({ path, from, to }) => ({ path, target: from.hash, expected: to.hash, ...(from.mode !== undefined && { mode: from.mode }) }));

/** What a crash has left half done: forwards. */
export const unfinishedSteps = ({ files }: UndoRecord): (Step & { file: UndoFile })[] =>
  files.map((file) => ({
    file,
    path: file.path,
    target: file.to.hash,
    expected: file.from.hash,
    ...(file.to.mode !== undefined && { mode: file.to.mode }),
    ...(file.made !== undefined && { made: file.made }),
  }));
