import { type ProviderConfig, wireOfType } from "../contracts/config.ts";
import type { ModelInfo } from "../protocol/index.ts";
import { knownProviders, usualModel } from "./known-providers.ts";

type Env = Record<string, string | undefined>;

/** A provider that one can connect: what it needs, and where it is. */
export type Candidate = {
  id: string;
  name: string;
  type: ProviderConfig["type"];
  baseUrl: string;
  /** Its key, or that it runs on somebody's own machine and needs none. */
  needsKey: boolean;
  keyVariable?: string;
};

/** Providers that need no more than a key, and model servers that need none, in the catalogue's order. */
export function candidates(env: Env): Candidate[] {
  return Object.entries(knownProviders)
    .filter(([, { type }]) => wireOfType[type] !== undefined)
    .map(([id, { name, type, baseUrl, keyVariable, baseUrlVariable }]) => ({
      id,
      name,
      type,
      baseUrl: (baseUrlVariable?.map((variable) => env[variable]).find(Boolean) ?? baseUrl).replace(/\/+$/, ""),
      needsKey: keyVariable !== undefined,
      ...(keyVariable === undefined ? {} : { keyVariable }),
    }));
}

/** The large model that a key alone leads to; undefined where only the provider's list can tell. */
export const defaultModel = ({ id, name }: Candidate): ModelInfo | undefined => usualModel(id, name);

/** As it would be configured, to be asked whether it takes the key. */
export const asProvider = ({ id, name, type, baseUrl }: Candidate, apiKey: string | undefined): ProviderConfig => ({
  id,
  name,
  type,
  baseUrl,
  ...(apiKey === undefined ? {} : { apiKey }),
  extraHeaders: {},
  extraBody: {},
  providerOptions: {},
  flatRate: false,
  models: [],
});

/** A server that is known by its address only; it speaks Chat Completions. */
export function serverAt(baseUrl: string): Candidate {
  const { host } = new URL(baseUrl);
  return {
    id: host.toLowerCase().replace(/[^a-z0-9.]+/g, "-"),
    name: host,
    type: "openai-compat",
    baseUrl,
    needsKey: false,
  };
}
