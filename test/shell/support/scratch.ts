import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import type { Workspace } from "./workspace.ts";

/** All that a command may find on its PATH when it is really run: tools that read, and one that leaves a mark. */
const tools =
  "bash sh cat head tail wc ls grep sed awk sort uniq cut tr tac rev nl paste fold comm diff cmp basename dirname realpath readlink stat file du df find xargs git jq seq date expr env nice timeout stdbuf md5sum sha256sum od xxd base64 strings column id whoami uname hostname touch tee printenv bc numfmt tar sleep true false test".split(
    " ",
  );

export type Scratch = { bin: string; digest(): string; run(command: string): void };

/** For running what the judge allowed: whether anything in the workspace or the home directory has changed. */
export function makeScratch(workspace: Workspace): Scratch {
  const bin = path.join(workspace.root, "bin");
  fs.mkdirSync(bin);
  for (const tool of tools) {
    const found = ["/usr/bin", "/bin", "/usr/local/bin"].map((dir) => path.join(dir, tool)).find((file) => fs.existsSync(file));
    if (found) fs.symlinkSync(found, path.join(bin, tool));
  }
  const digest = (): string => {
    const hash = createHash("sha1");
    const walk = (directory: string): void => {
      for (const entry of fs.readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
        const file = path.join(directory, entry.name);
        // Git writes down in its index what it has seen of the files; nothing else of it may change.
        if (file.endsWith("/.git/index")) continue;
        hash.update(file).update("\0");
        if (entry.isDirectory()) walk(file);
        else if (entry.isFile()) hash.update(fs.readFileSync(file));
      }
    };
    walk(workspace.root);
    return hash.digest("hex");
  };
  const env = { PATH: bin, HOME: workspace.home, GIT_CONFIG_NOSYSTEM: "1", GIT_PAGER: "cat", PAGER: "cat", marker: "touch marker-env" };
  return {
    bin,
    digest,
    run: (command) =>
      void spawnSync("/bin/bash", ["--noprofile", "--norc", "-c", command], {
        cwd: workspace.cwd,
        env,
        stdio: "ignore",
        timeout: 2_000,
        killSignal: "SIGKILL",
      }),
  };
}
