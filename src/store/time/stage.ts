import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { StoreError } from "../errors.ts";

/**
 * Where a Crush database can be read without leaving a trace: a reader of a WAL database makes two files beside it when nobody has it
 * open, so then a copy is read (made by the file system's own means, off this thread).
 * @throws StoreError `constraint` when it is not there or cannot be copied
 */
export async function stageCrush(file: string): Promise<{ file: string; close(): Promise<void> }> {
  const is = (name: string): Promise<boolean> =>
    fs.stat(name).then(
      (found) => found.isFile(),
      () => false,
    );
  if (!(await is(file))) throw new StoreError("constraint", `${file} does not exist: name the crush.db of a project, or the project`);
  if (await is(`${file}-wal`)) return { file, close: async () => {} };
  const directory = await fs.mkdtemp(path.join(os.tmpdir(), "crush-import-"));
  const close = (): Promise<void> => fs.rm(directory, { recursive: true, force: true });
  const copy = path.join(directory, "crush.db");
  try {
    await fs.copyFile(file, copy, fs.constants.COPYFILE_FICLONE);
  } catch (error) {
    await close();
    throw new StoreError("constraint", `${file} cannot be read: ${(error as Error).message}`, error);
  }
  return { file: copy, close };
}
