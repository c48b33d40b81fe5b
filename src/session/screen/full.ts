// Full mode: the view paints the whole alternate screen, which the client has entered. The first patch clears it.
import type { Cursor } from "../../contracts/view.ts";
import type { FrameDiff } from "../../kernels/frame-diff.ts";
import type { TerminalTraits } from "../../protocol/index.ts";
import { hiddenCursor, patchBudgetBytes, type Stage } from "./stage.ts";
import { openSurface } from "./surface.ts";

export function openFullStage(diff: FrameDiff, colours: TerminalTraits["colours"]): Stage {
  let cursor: Cursor = hiddenCursor;
  diff.forget({ row: 0 });
  return {
    surface: openSurface(() => diff.next, diff, colours),
    take(frame) {
      cursor = frame.cursor;
    },
    render: () => diff.render(cursor, patchBudgetBytes),
    get unfinished() {
      return diff.unfinished;
    },
    resize(cols, rows) {
      diff.resize(cols, rows);
      diff.forget({ row: 0 });
    },
    repaint: () => diff.forget({ row: 0 }),
    ownRows: 0,
    // The client leaves the alternate screen, and all that is on it goes.
    leave: () => new Uint8Array(0),
    close: () => diff.close(),
    get memory() {
      return diff.memory;
    },
  };
}
