import type { Compute } from "../contracts/tool.ts";
import type { CompleteTask, ComputeTask, Diff } from "./task.ts";

/** Texts up to this size are compared for their changed region here: both together are scanned in about 0.2 ms. */
const scanCharsMax = 64 << 10;
/** A changed region up to this size is compared here: 0.5 ms when every line of it differs. */
const inlineCharsMax = 2 << 10;
/** More differing lines than this region can hold in practice. */
const editsMaxInline = 200;

export type RunTask = (task: ComputeTask) => Promise<unknown>;

/**
 * Does small work where it is called and gives the rest to the worker.
 * @param run  gives a task to the compute pool
 */
export function createCompute(run: RunTask): Compute & { complete(task: Omit<CompleteTask, "kind">): Promise<string[]> } {
  return {
    async diff(path, before, after) {
      if (before.length + after.length <= scanCharsMax) {
        const { changedChars, unifiedDiff } = await import("./diff.ts");
        if (changedChars(before, after) <= inlineCharsMax) return unifiedDiff(path, before, after, editsMaxInline);
      }
      return (await run({ kind: "diff", path, before, after })) as Diff;
    },
    async htmlToText(html, format) {
      // Even a small page costs milliseconds, and the parser megabytes: always elsewhere.
      return (await run({ kind: "html", html, format })) as string;
    },
    async complete(task) {
      return (await run({ kind: "complete", ...task })) as string[];
    },
  };
}
