// The whole of it: bench/bars/stream-errors.ts. Here one case in eleven, over the real product.
import { expect, test } from "vitest";
import { streamErrorsAreThere, streamErrorsRun } from "../support/stream-errors-run.ts";

const isThere = streamErrorsAreThere();

test.skipIf(!isThere)(
  `what goes wrong at a provider keeps its text and runs no tool${isThere ? "" : " (../shared is absent)"}`,
  { timeout: 60_000 },
  async () => {
    const { cases, wrong } = await streamErrorsRun({ lanes: 5, every: 11 });
    expect(wrong).toEqual([]);
    expect(cases).toBeGreaterThan(8);
  },
);
