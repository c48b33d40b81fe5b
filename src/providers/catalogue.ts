// Crush's catalogue of models (catwalk): fetched with its ETag, or read from a file, and reduced to what we keep of it.
//
// Only models are taken. Addresses and the names of key variables stay our own: whoever could change the catalogue on its way could
// otherwise have any key sent anywhere.
import { readFile } from "node:fs/promises";
import { unknownModel } from "../contracts/config.ts";
import type { ModelInfo } from "../protocol/index.ts";
import { bodyOf } from "./shared/body.ts";
import { inside, isObject, type Json, textOf } from "./shared/json.ts";

export const defaultCatalogueUrl = "https://catwalk.charm.land";
/** Crush's. Nobody waits for it. */
const timeoutMs = 45_000;
/** It is about 1 MB. */
const bytesMax = 16 << 20;
const modelsMax = 5_000;

export type CatalogueModel = Omit<ModelInfo, "provider" | "providerName">;
export type Catalogue = { etag?: string; providers: Record<string, CatalogueModel[]> };

/** It could not be had, or is none: the message says why. */
export class CatalogueError extends Error {
  override readonly name = "CatalogueError";
}

/**
 * @param etag  of what is known
 * @returns undefined when that is still what there is
 * @throws CatalogueError
 */
export async function fetchCatalogue(address: string, etag: string | undefined): Promise<Catalogue | undefined> {
  let answer: Response;
  let text: string;
  try {
    const url = new URL(address);
    if (!url.pathname.endsWith("/providers")) url.pathname = `${url.pathname.replace(/\/+$/, "")}/v2/providers`;
    answer = await fetch(url, {
      headers: { accept: "application/json", "user-agent": "crush-node", ...(etag ? { "if-none-match": etag } : {}) },
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (answer.status === 304) return undefined;
    if (!answer.ok) throw new CatalogueError(`${url.host} answered with HTTP ${answer.status}`);
    const body = await bodyOf(answer, bytesMax);
    if (body === undefined) throw new CatalogueError(`the catalogue is longer than ${bytesMax >> 20} MB`);
    text = body;
  } catch (error) {
    if (error instanceof CatalogueError) throw error;
    throw new CatalogueError(`${address} did not answer: ${(error as Error).message}`, { cause: error });
  }
  const told = answer.headers.get("etag");
  return { ...(told ? { etag: told } : {}), providers: readCatalogue(text) };
}

/** @throws CatalogueError */
export async function catalogueOfFile(file: string): Promise<Catalogue> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new CatalogueError(`${file} could not be read: ${(error as Error).message}`, { cause: error });
  }
  return { providers: readCatalogue(text) };
}

/** A list of providers, in either of its forms. @throws CatalogueError when it is none */
export function readCatalogue(text: string): Record<string, CatalogueModel[]> {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    throw new CatalogueError("the catalogue is no JSON");
  }
  if (isObject(list)) list = list.providers;
  if (!Array.isArray(list)) throw new CatalogueError("the catalogue is no list of providers");
  const providers: Record<string, CatalogueModel[]> = {};
  let count = 0;
  for (const provider of list.map(inside)) {
    const id = textOf(provider.id);
    if (!/^[a-z0-9][a-z0-9._-]*$/i.test(id) || !Array.isArray(provider.models)) continue;
    const models = provider.models.map(inside).flatMap(modelOf);
    count += models.length;
    if (count > modelsMax) throw new CatalogueError(`the catalogue has more than ${modelsMax} models`);
    if (models.length > 0) providers[id] = models;
  }
  if (count === 0) throw new CatalogueError("the catalogue has no models");
  return providers;
}

function modelOf(model: Json): CatalogueModel[] {
  const id = textOf(model.id);
  if (id === "") return [];
  const pricing = inside(model.pricing);
  const reasoning = inside(model.reasoning).thinking;
  const input = number(model.cost_per_1m_in ?? pricing.input);
  return [
    {
      model: id,
      name: textOf(model.name) || id,
      contextWindow: number(model.context_window) || unknownModel.contextWindow,
      maxTokens: number(model.default_max_tokens) || unknownModel.maxTokens,
      canReason: typeof reasoning === "string" ? reasoning !== "never" : model.can_reason === true,
      supportsImages: model.supports_attachments === true || inside(model.capabilities).vision === true,
      price: {
        input,
        output: number(model.cost_per_1m_out ?? pricing.output),
        // Crush's names: "in cached" is what goes into the cache, "out cached" what comes out of it.
        cacheRead: number(model.cost_per_1m_out_cached ?? pricing.cache_hit ?? input),
        cacheWrite: number(model.cost_per_1m_in_cached ?? pricing.cache_create ?? input),
      },
    },
  ];
}

const number = (value: unknown): number => (typeof value === "number" && Number.isFinite(value) && value > 0 ? value : 0);
