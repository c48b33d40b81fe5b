import type { ComputeAnswer, DiffTask, HtmlTask } from "./task.ts";

/** Changed lines up to which a worker looks for the shortest difference: about 2 s at worst. */
const editsMaxWorker = 5_000;

/** Does a task where it is. Modules are loaded when the first task needs them. */
export async function runTask<T extends DiffTask | HtmlTask>(task: T): Promise<ComputeAnswer<T>> {
  switch (task.kind) {
    case "diff": {
      const { unifiedDiff } = await import("./diff.ts");
      return unifiedDiff(task.path, task.before, task.after, editsMaxWorker) as ComputeAnswer<T>;
    }
    case "html": {
      const { htmlToText } = await import("./html.ts");
      return htmlToText(task.html, task.format) as ComputeAnswer<T>;
    }
  }
}
