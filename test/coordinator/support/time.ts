// A coordinator with a real SQLite store (its writer on this thread) and real files: what undo needs. Workers and models are made up.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { CoordinatorOptions } from "../../../src/coordinator/index.ts";
import { openFiles } from "../../../src/workspace/index.ts";
import { openStore } from "../../../src/store/client.ts";
import { openQueries } from "../../../src/store/queries/queries.ts";
import { openWriter } from "../../../src/store/writer.ts";
import { realClock } from "./clock.ts";
import { type Harness, harness, settle, tool } from "./harness.ts";

export type TimeRig = {
  h: Harness;
  root: string;
  workspace: string;
  database: string;
  /** Runs one turn whose single call does this. */
  turn(act: (files: Awaited<ReturnType<typeof openFiles>>) => Promise<void>, options?: { command?: boolean }): Promise<string>;
  /** As kill -9 does: nothing more is written by this one. */
  kill(): void;
  close(): Promise<void>;
};

/** `root`, `session`: those of an earlier rig, to go on there. `dies`: asked with each batch whether the process dies before or after its commit. */
export async function timeRig(
  options: { root?: string; dies?: (rows: string[]) => "before" | "after" | undefined; session?: string; blobBytesMax?: number } = {},
): Promise<TimeRig & { session: string }> {
  const root = options.root ?? fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "crush-time-")));
  const workspace = path.join(root, "work");
  fs.mkdirSync(workspace, { recursive: true });
  const database = path.join(root, "crush.db");
  const writer = openWriter(database, realClock, options.blobBytesMax === undefined ? {} : { blobBytesMax: options.blobBytesMax });
  let dead = false;
  const store = openStore({
    run: async (batch) => {
      if (dead) return new Promise(() => {});
      const death = options.dies?.(batch.rows.map(({ row, ...rest }) => ("event" in rest ? rest.event.kind : row)));
      dead = death !== undefined;
      if (death === "after") writer.commit(batch);
      if (dead) return new Promise(() => {});
      return writer.commit(batch);
    },
  });
  await store.ready();
  const queries = openQueries(database);
  let act: (files: Awaited<ReturnType<typeof openFiles>>) => Promise<void> = async () => {};
  let turnId = "";
  let session = options.session ?? "";
  const files = await openFiles({
    workspace,
    saveVersion: (version) => store.saveFile({ session, turn: turnId, ...version }),
    turn: () => turnId,
    recordWrite: (write) => store.recordWrite({ session, turn: turnId, ...write }),
  });
  const run = async (_: string, context: { turn: string }) => {
    turnId = context.turn;
    await act(files);
    return { text: "done" };
  };
  const h = await harness({
    store: store as never,
    queries: queries as never,
    clock: realClock,
    tools: [tool("write", { run }), tool("bash", { run, intent: { action: "execute", title: "x", command: "ls" } })],
    toolContext: async () => ({ files }) as never,
    time: { store, queries, diff: async () => ({ patch: "", additions: 0, removals: 0 }) },
  } satisfies Partial<CoordinatorOptions>);
  let next: "write" | "bash" | undefined;
  h.workers.answer = () => {
    const name = next;
    next = undefined;
    return name === undefined ? { text: "Done." } : { calls: [{ call: `c${Math.random()}`, name, input: '{"value":"x"}' }] };
  };
  if (session === "") session = (await h.request("session.create", { workspace })).session.id;
  return {
    h,
    root,
    workspace,
    database,
    session,
    async turn(what, { command = false } = {}) {
      act = what;
      next = command ? "bash" : "write";
      const { turn } = await h.request("session.prompt", { session, text: "do it", options: { allow: ["write", "bash"] } });
      for (const patience = performance.now() + 20_000; performance.now() < patience; ) {
        await settle(3);
        const status = queries.turn(turn)?.status;
        if (status !== undefined && status !== "running" && status !== "queued") {
          await settle(3);
          return turn;
        }
      }
      throw new Error("the turn does not end");
    },
    kill() {
      dead = true;
      queries.close();
      writer.close();
    },
    async close() {
      await h.coordinator.shutdown();
      await store.close();
      const problems = queries.integrity();
      queries.close();
      writer.close();
      fs.rmSync(root, { recursive: true, force: true });
      if (problems.length > 0) throw new Error(problems.join("\n"));
    },
  };
}
