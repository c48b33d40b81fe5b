import type { Compute } from "../contracts/tool.ts";
import type { CompleteTask, ComputeTask, Diff } from "./task.ts";

/** Texts up to this size are compared for their changed region here: 64 KiB are scanned in about 0.1 ms. */
const scanCharsMax = 64 << 10;
/** A changed region up to this size is compared here: about 0.3 ms; a hop to the worker costs as much. */
const inlineCharsMax = 4 << 10;
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
