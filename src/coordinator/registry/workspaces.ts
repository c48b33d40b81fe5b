import type { Config } from "../../contracts/config.ts";
import type { ClientEnv } from "../../protocol/index.ts";
import type { CoordinatorOptions } from "../options.ts";
import { SharedRuns } from "./shared-runs.ts";

type Workspace = {
  env: ClientEnv;
  envKey: string;
  loaded: { key: string; config: Promise<Config> } | undefined;
  /** The last one that could be read, and for which environment. */
  good: { envKey: string; config: Config } | undefined;
  /** Why it is still in use. */
  kept: string | undefined;
};

/** Workspaces whose configuration is kept read: a program may make a directory for each of its jobs. */
const loadedMax = 64;

/** Environment and configuration of each directory that sessions work in. */
export class Workspaces {
  readonly #options: Pick<CoordinatorOptions, "env" | "configStamp" | "loadConfig">;
  readonly #known = new Map<string, Workspace>();
  readonly #savedRules = new Map<string, string[]>();
  readonly #stamps = new SharedRuns<string>();
  readonly #texts = new SharedRuns<string[]>();
  /** Workspaces on somebody's screen. */
  readonly #attended = new Set<string>();

  constructor(options: Pick<CoordinatorOptions, "env" | "configStamp" | "loadConfig">) {
    this.#options = options;
  }

  /** The newest client's environment counts: a key that was exported since then should work. */
  setEnv(workspace: string, env: ClientEnv | undefined): void {
    if (env === undefined) return;
    const known = this.#workspace(workspace);
    known.env = env;
    known.envKey = envKey(env);
  }

  env(workspace: string): ClientEnv {
    return this.#workspace(workspace).env;
  }

  /**
   * The configuration as its files and the environment are now; read again only when one of them has changed. A mistake in a file
   * keeps the configuration before it, with a notice, where somebody is at work on a screen; a program is told of the mistake.
   */
  async config(workspace: string): Promise<Config> {
    const known = this.#workspace(workspace);
    const { env, envKey: key } = known;
    const ask = (): Promise<string> => this.#options.configStamp({ workspace, env });
    const stamp = `${await this.#stamps.ask(`${workspace}\n${key}`, ask)}\n${key}`;
    if (known.loaded?.key !== stamp) {
      const config = this.#options.loadConfig({ workspace, env }).then(
        (read) => {
          known.good = { envKey: key, config: read };
          known.kept = undefined;
          return read;
        },
        (error: unknown) => this.#keep(workspace, known, key, error),
      );
      const loaded = { key: stamp, config };
      known.loaded = loaded;
      this.#trim(known);
      // A failure is told to whoever asked, and tried again by the next.
      config.catch(() => {
        if (known.loaded === loaded) known.loaded = undefined;
      });
    }
    return known.loaded!.config;
  }

  attend(workspace: string, on: boolean): void {
    if (on) this.#attended.add(workspace);
    else this.#attended.delete(workspace);
  }

  /** Why the configuration before is still in use; undefined when it is not. */
  keptBecause(workspace: string): string | undefined {
    return this.#known.get(workspace)?.kept;
  }

  #keep(workspace: string, known: Workspace, key: string, error: unknown): Config {
    const { good } = known;
    // Another environment may have other keys: its user is told of the mistake.
    if (good?.envKey !== key || !this.#attended.has(workspace) || !(error instanceof Error) || error.name !== "ConfigError") throw error;
    const { file, line } = error as Error & { file: string; line?: number };
    known.kept = `The configuration before is kept: ${error.message}`;
    const message = `${error.message.replace(`${file}${line === undefined ? "" : `:${line}`}: `, "")}; the configuration before is kept`;
    return { ...good.config, notices: [{ file, ...(line === undefined ? {} : { line }), message }, ...good.config.notices] };
  }

  /** The system prompt's texts. `key` names all that they depend on besides the workspace's files. */
  systemTexts(workspace: string, key: string, make: () => Promise<string[]>): Promise<string[]> {
    return this.#texts.ask(`${workspace}\n${key}`, make);
  }

  /** Rules saved since the configuration was read. */
  savedRules(workspace: string): string[] {
    return this.#savedRules.get(workspace) ?? [];
  }

  addRule(workspace: string, rule: string): void {
    this.#savedRules.set(workspace, [...this.savedRules(workspace), rule]);
  }

  /** Drops what was read for the workspaces that were known first; it is read again when they are used. */
  #trim(kept: Workspace): void {
    let extra = this.#known.size - loadedMax;
    for (const known of this.#known.values()) {
      if (extra-- <= 0) return;
      if (known === kept) continue;
      known.loaded = undefined;
      known.good = undefined;
    }
  }

  #workspace(path: string): Workspace {
    let known = this.#known.get(path);
    if (known === undefined) {
      known = { env: this.#options.env, envKey: envKey(this.#options.env), loaded: undefined, good: undefined, kept: undefined };
      this.#known.set(path, known);
    }
    return known;
  }
}

const envKey = (env: ClientEnv): string => JSON.stringify(Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1)));
