import type { Log } from "../../contracts/base.ts";
import type { AgentDefinition } from "../../contracts/agent.ts";
import type { Config, ProjectFileState, ProviderConfig } from "../../contracts/config.ts";
import type { FileHash, ModelInfo } from "../../protocol/index.ts";
import { configDirectory } from "../paths.ts";
import { type CatalogueKeeper, openCatalogueKeeper } from "./catalogue-keeper.ts";

type Request = { workspace: string; env: Record<string, string> };

/** A provider's list is asked for again after this long. */
const listFreshMs = 10 * 60_000;
/** How often servers on this machine are looked for while there is no provider. */
const localEveryMs = 60_000;

export interface ConfigSource {
  stamp(request: Request): Promise<string>;
  load(request: Request): Promise<Config>;
  saveRule(workspace: string, pattern: string): Promise<void>;
  /** Calls `changed` when a file that counts was written, came or went; the answer ends it. */
  watch(request: Request, changed: () => void): () => void;
  /** Agents that count in the workspace. */
  agents(request: Request): Promise<AgentDefinition[]>;
  /** Files of the project that would set what needs a yes. */
  projectFiles(request: Request): Promise<ProjectFileState[]>;
  /** @throws ConfigError when a file says something else by now */
  decideTrust(request: Request, decision: "grant" | "decline", files: FileHash[]): Promise<void>;
  revokeTrust(workspace: string): Promise<string[]>;
  /** Takes the catalogue of models from somewhere, now. @throws CommandError */
  updateCatalogue: CatalogueKeeper["update"];
  /** What commands of it print may be something else by now: it is read again when it is next used. */
  outdated(): void;
}

/**
 * The configuration of a workspace, with what only the network knows: models of providers that list none, and model servers on
 * this machine. Nothing is looked for before somebody asks for a configuration, and local servers never make anybody wait.
 */
export function openConfigSource(options: { dataDir: string; log: Log }): ConfigSource {
  const { dataDir, log } = options;
  const lists = new Map<string, { models: ModelInfo[]; at: number }>();
  let local: ProviderConfig[] = [];
  let lookedAt = 0;
  /** `options.data_directory` of a workspace when it was last read: its file of overrides counts, too. */
  const dataDirectories = new Map<string, string>();
  /** What its last reading depended on beside the usual places: files that a script sourced, a theme. */
  const dependencies = new Map<string, string[]>();
  /** Workspaces whose configuration wants the catalogue of models left as it is. */
  const keepsCatalogue = new Set<string>();
  /** Raised when a rule is saved or a server found: the configuration is to be read again. */
  let version = 0;

  const catalogue = openCatalogueKeeper({
    dataDir,
    log,
    changed: () => {
      version += 1;
    },
  });

  const lookForLocalServers = (): void => {
    if (Date.now() - lookedAt < localEveryMs) return;
    lookedAt = Date.now();
    void import("../../providers/discover.ts")
      .then(({ findLocalServers }) => findLocalServers())
      .then((found) => {
        const names = (list: ProviderConfig[]) => list.map((p) => `${p.id}:${p.models.map((m) => m.model)}`).join();
        if (names(found) === names(local)) return;
        local = found;
        version += 1;
        log.info("model servers on this machine", { found: found.map((p) => p.id) });
      })
      .catch((error: unknown) => log.warn("looking for model servers failed", { error: String(error) }));
  };

  const modelsOf = async (provider: ProviderConfig): Promise<ModelInfo[]> => {
    const key = `${provider.id} ${provider.baseUrl}`;
    const known = lists.get(key);
    if (known && Date.now() - known.at < listFreshMs) return known.models;
    const { askModels } = await import("../../providers/discover.ts");
    const models = await askModels(provider);
    if (models.length > 0) lists.set(key, { models, at: Date.now() });
    return models;
  };

  const trustPlaces = (request: Request) => {
    const dataDirectory = dataDirectories.get(request.workspace);
    return { ...placesOf(request), dataDir, ...(dataDirectory === undefined ? {} : { dataDirectory }) };
  };
  const placesOf = ({ workspace, env }: Request) => ({ workspace, env, configDir: configDirectory(env) });

  return {
    updateCatalogue: catalogue.update,
    outdated() {
      version += 1;
    },
    async stamp(request) {
      const { configStamp, defaultDataDirectory, overrideFile, trustFile } = await import("../../config/index.ts");
      const overrides = overrideFile(request.workspace, dataDirectories.get(request.workspace) ?? defaultDataDirectory).file;
      const places = placesOf(request);
      // Not before it has been read once: it may forbid this.
      if (dataDirectories.has(request.workspace) && !keepsCatalogue.has(request.workspace)) catalogue.refreshSoon(request.env);
      return `${version} ${configStamp(places, [overrides, trustFile(dataDir), ...(dependencies.get(request.workspace) ?? [])])}`;
    },
    async load(request) {
      const { loadConfig, openTrust, savedRules, themePath } = await import("../../config/index.ts");
      // After the configuration: it imports the same, which must not be read before the first frame.
      const { keyProblems } = await import("../key-problems.ts");
      const fetched = await catalogue.saved();
      const places = {
        ...placesOf(request),
        rules: savedRules(dataDir, request.workspace),
        discovered: local,
        ...(fetched && { catalogue: fetched.providers }),
        trust: openTrust(dataDir),
        scripts: new Map(),
        more: keyProblems,
      };
      let config = await loadConfig(places);
      const silent = config.providers.filter((provider) => provider.models.length === 0);
      if (silent.length > 0) {
        const asked = await Promise.all(silent.map(async (provider) => [provider.id, await modelsOf(provider)] as const));
        config = await loadConfig({ ...places, models: Object.fromEntries(asked) });
      }
      if (config.demo) lookForLocalServers();
      if (config.options.disableProviderAutoUpdate) keepsCatalogue.add(request.workspace);
      else keepsCatalogue.delete(request.workspace);
      dataDirectories.set(request.workspace, config.options.dataDirectory);
      const theme = themePath(places.configDir, config.options.node.theme);
      dependencies.set(request.workspace, [...config.files, ...(theme === undefined ? [] : [theme])]);
      return config;
    },
    async agents(request) {
      const { loadAgents } = await import("../../config/index.ts");
      return loadAgents({
        workspace: request.workspace,
        homeDir: request.env.HOME ?? "",
        configDir: configDirectory(request.env),
        dataDir,
      });
    },
    watch(request, changed) {
      let stop: (() => void) | undefined;
      let ended = false;
      // After the first frame: the screen that asks for it is just being opened.
      void import("../../config/index.ts").then(({ themesDirectory, trustFile, watchConfig }) => {
        if (ended) return;
        const places = placesOf(request);
        stop = watchConfig(places, [trustFile(dataDir)], [themesDirectory(places.configDir)], changed);
      });
      return () => {
        ended = true;
        stop?.();
      };
    },
    async projectFiles(request) {
      const { projectFiles } = await import("../../config/index.ts");
      return projectFiles(trustPlaces(request));
    },
    async decideTrust(request, decision, files) {
      const { decideTrust } = await import("../../config/index.ts");
      decideTrust(trustPlaces(request), decision, files);
      log.info("trust of a project's configuration", { workspace: request.workspace, decision, files: files.map(({ file }) => file) });
    },
    async revokeTrust(workspace) {
      const { revokeTrust } = await import("../../config/index.ts");
      return revokeTrust(dataDir, workspace);
    },
    async saveRule(workspace, pattern) {
      const { saveRule } = await import("../../config/index.ts");
      saveRule(dataDir, workspace, pattern);
      version += 1;
    },
  };
}
