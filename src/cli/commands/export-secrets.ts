// What is taken out of an export: the values of the configuration's secrets and of variables that are named like one, and what has the
// shape of a key.
import { ConfigError, gather, openTrust } from "../../config/index.ts";
import { keyShapes, redacted } from "../../metrics/redact.ts";
import { clientEnv } from "../environment.ts";
import { configDirectory } from "../paths.ts";
import { plain } from "../plain.ts";

/** Shorter ones would blank out ordinary words. */
const secretCharsMin = 8;
const secretName = /(api[-_]?key|access[-_]?key|token|secret|password|passwd|credential|private[-_]?key|authorization)/i;
/** Maps of a configuration whose values may be secrets, each of them. */
const secretMaps = /^(env|headers|extra_headers)$/;

const shapes: readonly RegExp[] = [
  ...keyShapes,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  // An assignment to such a name; of code only what looks made by chance (letters and digits, no call).
  /(?<=(?:api[-_]?key|token|password|secret)\\?["']?\s*[=:]\s*\\?["']?)(?=[A-Za-z_-]*\d)(?=\d*[A-Za-z_-])[A-Za-z0-9_+/=-]{12,}/gi,
];

/** A function that gives a copy of a value with every secret in its texts replaced. Configuration that cannot be read is told of. */
export async function openRedaction(workspace: string, dataDir: string): Promise<<T>(value: T) => T> {
  const env = clientEnv();
  const secrets = new Set<string>();
  const add = (value: string | undefined): void => {
    if (value === undefined || value.length < secretCharsMin) return;
    secrets.add(value);
    secrets.add(JSON.stringify(value).slice(1, -1)); // as it stands in the arguments of a call
  };
  for (const [name, value] of Object.entries(env)) if (secretName.test(name)) add(value);
  try {
    const { merged } = await gather({ workspace, configDir: configDirectory(env), env, trust: openTrust(dataDir) });
    collect(merged, false, (value) => {
      const variable = /^(?:[A-Za-z]+ )?\$\{?(\w+)/.exec(value)?.[1];
      add(variable === undefined ? value : env[variable]);
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`note: keys of the configuration are not known: ${plain(error.message)}\n`);
  }
  // The longest first: one may be the beginning of another.
  const known = [...secrets].sort((a, b) => b.length - a.length);
  const clean = (text: string): string => {
    let out = text;
    for (const secret of known) if (out.includes(secret)) out = out.replaceAll(secret, redacted);
    for (const shape of shapes) out = out.replace(shape, redacted);
    return out;
  };
  return (value) => deep(value, clean);
}

function collect(value: unknown, secret: boolean, add: (value: string) => void): void {
  if (typeof value === "string") {
    if (secret) add(value);
  } else if (typeof value === "object" && value !== null)
    for (const [name, item] of Object.entries(value))
      collect(item, secret || secretMaps.test(name) || (!Array.isArray(value) && secretName.test(name)), add);
}

function deep<T>(value: T, clean: (text: string) => string): T {
  if (typeof value === "string") return clean(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => deep(item, clean)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, deep(item, clean)])) as T;
}
