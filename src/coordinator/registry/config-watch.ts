import type { Config } from "../../contracts/config.ts";
import type { Log } from "../../contracts/base.ts";
import type { CoordinatorOptions } from "../options.ts";
import type { Screen } from "./screens.ts";
import type { Workspaces } from "./workspaces.ts";

type Watched = { stop: () => void; told: Config | undefined };

/**
 * Tells screens when the configuration of their workspace has changed on disk. Turns need no telling: each looks when it begins. Only
 * workspaces that are on a screen are watched.
 */
export class ConfigWatch {
  readonly #watch: CoordinatorOptions["watchConfig"];
  readonly #workspaces: Workspaces;
  readonly #screens: () => Iterable<Screen>;
  readonly #tell: (screen: Screen, notice: string | undefined) => void;
  readonly #log: Log;
  readonly #watched = new Map<string, Watched>();

  constructor(options: {
    watch: CoordinatorOptions["watchConfig"];
    workspaces: Workspaces;
    screens: () => Iterable<Screen>;
    tell: (screen: Screen, notice: string | undefined) => void;
    log: Log;
  }) {
    this.#watch = options.watch;
    this.#workspaces = options.workspaces;
    this.#screens = options.screens;
    this.#tell = options.tell;
    this.#log = options.log;
  }

  /** A screen came or went. */
  sync(): void {
    const shown = new Set([...this.#screens()].map(({ workspace }) => workspace));
    for (const [workspace, { stop }] of this.#watched) {
      if (shown.has(workspace)) continue;
      stop();
      this.#watched.delete(workspace);
      this.#workspaces.attend(workspace, false);
    }
    for (const workspace of shown) {
      if (this.#watched.has(workspace)) continue;
      const watched: Watched = { stop: () => {}, told: undefined };
      this.#watched.set(workspace, watched);
      this.#workspaces.attend(workspace, true);
      if (this.#watch === undefined) continue;
      const request = { workspace, env: this.#workspaces.env(workspace) };
      watched.stop = this.#watch(request, () => void this.#changed(workspace, watched));
    }
  }

  async #changed(workspace: string, watched: Watched): Promise<void> {
    let notice: string | undefined;
    try {
      const config = await this.#workspaces.config(workspace);
      if (config === watched.told) return;
      watched.told = config;
      notice = this.#workspaces.keptBecause(workspace);
    } catch (error) {
      notice = error instanceof Error ? error.message : String(error);
    }
    if (notice !== undefined) this.#log.warn("configuration", { workspace, notice });
    for (const screen of this.#screens()) if (screen.workspace === workspace) this.#tell(screen, notice);
  }
}
