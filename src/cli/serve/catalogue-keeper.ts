// Keeps the catalogue of models new: in the background, once a day, and never while somebody waits for a start.
import type { Log } from "../../contracts/base.ts";
import type { SavedCatalogue } from "../../config/index.ts";
import { CommandError } from "../../protocol/index.ts";

type Env = Record<string, string>;

const everyMs = 24 * 60 * 60_000;
/** After a failure; nobody is told of it. */
const againMs = 60 * 60_000;
/** A server that was just started has people who wait for it, and may be gone before an answer comes. */
const settledSeconds = 30;

export type CatalogueUpdate = { source: string; changed: boolean; providers: number; models: number };

export interface CatalogueKeeper {
  /** What was fetched last; read once. */
  saved(): Promise<SavedCatalogue | undefined>;
  /** Somebody works with the configuration: a good moment to look for a newer one. Returns at once. */
  refreshSoon(env: Env): void;
  /** @param source  an address, a file's path, or "embedded" to do without. @throws CommandError */
  update(env: Env, source: string | undefined): Promise<CatalogueUpdate>;
}

type KeeperOptions = {
  dataDir: string;
  log: Log;
  /** Called when there is another one. */
  changed: () => void;
  /** Seconds that the process has run. */
  uptime?: () => number;
};

export function openCatalogueKeeper({ dataDir, log, changed, uptime = () => process.uptime() }: KeeperOptions): CatalogueKeeper {
  let known: Promise<SavedCatalogue | undefined> | undefined;
  let triedAt = 0;

  const saved = (): Promise<SavedCatalogue | undefined> =>
    (known ??= import("../../config/index.ts").then(({ readSavedCatalogue }) => readSavedCatalogue(dataDir)));

  /** @returns whether it is another one now */
  const fetchFrom = async (source: string): Promise<boolean> => {
    const [{ fetchCatalogue }, { saveCatalogue }] = await Promise.all([
      import("../../providers/catalogue.ts"),
      import("../../config/index.ts"),
    ]);
    const before = await saved();
    const etag = before?.source === source ? before.etag : undefined;
    const fresh = await fetchCatalogue(source, etag);
    const next: SavedCatalogue = fresh ? { source, at: Date.now(), ...fresh } : { ...before!, at: Date.now() };
    saveCatalogue(dataDir, next);
    known = Promise.resolve(next);
    if (fresh) changed();
    return fresh !== undefined;
  };
  const addressOf = async (env: Env): Promise<string> =>
    env.CATWALK_URL || (await import("../../providers/catalogue.ts")).defaultCatalogueUrl;

  const refresh = async (env: Env): Promise<void> => {
    const before = await saved();
    if (before && Date.now() - before.at < everyMs) return;
    const isNew = await fetchFrom(await addressOf(env));
    log.info("catalogue of models", { changed: isNew });
  };

  return {
    saved,
    refreshSoon(env) {
      if (uptime() < settledSeconds || Date.now() - triedAt < againMs) return;
      triedAt = Date.now();
      void refresh(env).catch((error: unknown) => log.debug("the catalogue of models was not refreshed", { error: String(error) }));
    },
    async update(env, wanted) {
      const { catalogueOfFile, CatalogueError } = await import("../../providers/catalogue.ts");
      const { dropCatalogue, saveCatalogue } = await import("../../config/index.ts");
      const source = wanted ?? (await addressOf(env));
      try {
        if (source === "embedded") {
          const had = (await saved()) !== undefined;
          dropCatalogue(dataDir);
          known = Promise.resolve(undefined);
          if (had) changed();
          return { source, changed: had, providers: 0, models: 0 };
        }
        let isNew = true;
        if (/^https?:\/\//.test(source)) isNew = await fetchFrom(source);
        else {
          const next: SavedCatalogue = { source, at: Date.now(), ...(await catalogueOfFile(source)) };
          saveCatalogue(dataDir, next);
          known = Promise.resolve(next);
          changed();
        }
        const { providers } = (await saved())!;
        return {
          source,
          changed: isNew,
          providers: Object.keys(providers).length,
          models: Object.values(providers).reduce((sum, { length }) => sum + length, 0),
        };
      } catch (error) {
        if (error instanceof CatalogueError) throw new CommandError("bad_request", `The catalogue was not updated: ${error.message}`);
        throw error;
      }
    },
  };
}
