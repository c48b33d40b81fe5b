// Amazon's credentials, found where its own tools find them: the environment, the profile's files, the container. What only its
// command line can do (SSO, roles, browser logins) is left to it.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { ProviderConfig } from "../../contracts/config.ts";
import { isThisMachine } from "../shared/endpoint.ts";
import { isObject, textOf } from "../shared/json.ts";
import { AccessError } from "./fault.ts";

export type AwsCredentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string; expiresAt?: number };

/** Files change when somebody logs in: they are read again after this long. */
const freshMs = 60_000;
/** Credentials are renewed this long before they expire: a request takes a while. */
const aheadMs = 5 * 60_000;
/** `aws configure export-credentials` takes a second; a refresh command may open a browser and wait for its user. */
const commandTimeoutMs = 30_000;
const refreshTimeoutMs = 5 * 60_000;
const containerTimeoutMs = 5_000;
const outputBytesMax = 1 << 20;
/** Addresses of Amazon's own container agents; any other must be this machine or https. */
const agents = new Set(["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"]);

type Env = Record<string, string>;
type Known = { credentials: Promise<AwsCredentials>; at: number };
const known = new Map<string, Known>();

/**
 * @returns credentials that are good for some minutes
 * @throws AccessError
 */
export async function awsCredentials(provider: Pick<ProviderConfig, "id" | "access" | "awsAuthRefresh">): Promise<AwsCredentials> {
  const key = JSON.stringify([provider.id, provider.access]);
  const kept = known.get(key);
  if (kept && Date.now() - kept.at < freshMs) {
    const credentials = await kept.credentials;
    if (isFresh(credentials)) return credentials;
  }
  const credentials = find(provider.access ?? {}, provider.awsAuthRefresh);
  known.set(key, { credentials, at: Date.now() });
  // What failed is looked for again by the next request.
  credentials.catch(() => known.delete(key));
  return credentials;
}

/** They were refused as expired: renewed by `aws_auth_refresh`, where there is one. @throws AccessError */
export async function renewAwsCredentials(provider: Pick<ProviderConfig, "id" | "access" | "awsAuthRefresh">): Promise<void> {
  known.delete(JSON.stringify([provider.id, provider.access]));
  if (provider.awsAuthRefresh) await refresh(provider.awsAuthRefresh, provider.access ?? {});
}

const isFresh = ({ expiresAt }: AwsCredentials): boolean => expiresAt === undefined || expiresAt - aheadMs > Date.now();

async function find(env: Env, refreshCommand: string | undefined): Promise<AwsCredentials> {
  const first = await look(env).catch((error: unknown) => {
    if (!refreshCommand) throw error;
    return undefined;
  });
  if (first && (isFresh(first) || !refreshCommand)) return first;
  await refresh(refreshCommand!, env);
  return look(env);
}

async function look(env: Env): Promise<AwsCredentials> {
  if (env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY)
    return {
      accessKeyId: env.AWS_ACCESS_KEY_ID,
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
      ...(env.AWS_SESSION_TOKEN ? { sessionToken: env.AWS_SESSION_TOKEN } : {}),
    };
  const profile = env.AWS_PROFILE || env.AWS_DEFAULT_PROFILE || "default";
  const settings = await readProfile(env, profile);
  if (settings?.aws_access_key_id && settings.aws_secret_access_key)
    return {
      accessKeyId: settings.aws_access_key_id,
      secretAccessKey: settings.aws_secret_access_key,
      ...(settings.aws_session_token ? { sessionToken: settings.aws_session_token } : {}),
    };
  if (settings?.credential_process)
    return processOutput(
      await run("sh", ["-c", settings.credential_process], env, commandTimeoutMs),
      `credential_process of profile ${profile}`,
    );
  if (settings && Object.keys(settings).some((key) => /^(?:sso_|role_arn|login_session|web_identity)/.test(key)))
    return processOutput(
      await run("aws", ["configure", "export-credentials", "--profile", profile, "--format", "process"], env, commandTimeoutMs),
      `aws configure export-credentials --profile ${profile}`,
    );
  const container = env.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? relative(env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI);
  if (container) return fromContainer(container, env);
  throw new AccessError(
    `no AWS credentials: set AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in with the AWS command line (profile ${profile})`,
  );
}

const relative = (uri: string | undefined): string | undefined => (uri ? `http://169.254.170.2${uri}` : undefined);

/** The sections of a profile in both files, those of `credentials` on top. Undefined when neither has it. */
async function readProfile(env: Env, profile: string): Promise<Record<string, string> | undefined> {
  const home = path.join(env.HOME || env.USERPROFILE || "", ".aws");
  const section = async (file: string, name: string) => {
    const text = await readFile(file, "utf8").catch(() => "");
    return readIni(text).get(name);
  };
  const config = await section(env.AWS_CONFIG_FILE || path.join(home, "config"), profile === "default" ? profile : `profile ${profile}`);
  const secret = await section(env.AWS_SHARED_CREDENTIALS_FILE || path.join(home, "credentials"), profile);
  return config || secret ? { ...config, ...secret } : undefined;
}

/** `[name]` and `key = value`; what is nested under a key is not of interest here. */
function readIni(text: string): Map<string, Record<string, string>> {
  const sections = new Map<string, Record<string, string>>();
  let current: Record<string, string> | undefined;
  for (const line of text.split(/\r?\n/)) {
    const name = /^\s*\[\s*([^\]]+?)\s*\]/.exec(line)?.[1];
    if (name !== undefined) {
      current = sections.get(name) ?? {};
      sections.set(name.replace(/\s+/g, " "), current);
      continue;
    }
    const pair = /^([\w.-]+)\s*=\s*(.*?)\s*$/.exec(line);
    if (pair && current) current[pair[1]!.toLowerCase()] = pair[2]!;
  }
  return sections;
}

async function fromContainer(uri: string, env: Env): Promise<AwsCredentials> {
  let url: URL;
  try {
    url = new URL(uri);
  } catch {
    throw new AccessError("AWS_CONTAINER_CREDENTIALS_FULL_URI is no address");
  }
  if (url.protocol !== "https:" && !agents.has(url.hostname) && !isThisMachine(url))
    throw new AccessError(`credentials are not asked for at ${url.host}: it is neither this machine nor https`);
  const file = env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE;
  const token = file ? (await readFile(file, "utf8").catch(() => "")).trim() : env.AWS_CONTAINER_AUTHORIZATION_TOKEN;
  try {
    const answer = await fetch(url, {
      headers: token ? { authorization: token } : {},
      redirect: "error",
      signal: AbortSignal.timeout(containerTimeoutMs),
    });
    if (!answer.ok) throw new AccessError(`the container's credentials were refused with HTTP ${answer.status}`);
    return credentialsOf(await answer.json(), "the container's agent");
  } catch (error) {
    if (error instanceof AccessError) throw error;
    throw new AccessError(`the container's agent at ${url.host} did not answer`, true, error);
  }
}

function processOutput(output: string, who: string): AwsCredentials {
  try {
    return credentialsOf(JSON.parse(output), who);
  } catch (error) {
    if (error instanceof AccessError) throw error;
    throw new AccessError(`${who} printed no credentials`);
  }
}

function credentialsOf(value: unknown, who: string): AwsCredentials {
  const all = isObject(value) ? value : {};
  const accessKeyId = textOf(all.AccessKeyId);
  const secretAccessKey = textOf(all.SecretAccessKey);
  if (accessKeyId === "" || secretAccessKey === "") throw new AccessError(`${who} gave no credentials`);
  const sessionToken = textOf(all.SessionToken) || textOf(all.Token);
  const expiresAt = Date.parse(textOf(all.Expiration));
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === "" ? {} : { sessionToken }),
    ...(Number.isFinite(expiresAt) ? { expiresAt } : {}),
  };
}

async function refresh(command: string, env: Env): Promise<void> {
  await run("sh", ["-c", command], env, refreshTimeoutMs);
}

/** @throws AccessError that names the program, and nothing that it printed but its last line */
function run(program: string, args: string[], access: Env, timeout: number): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      program,
      args,
      { env: { ...process.env, ...access }, timeout, maxBuffer: outputBytesMax, encoding: "utf8", windowsHide: true },
      (error, stdout, stderr) => {
        if (!error) return resolve(stdout);
        const said = stderr.trim().split("\n").at(-1) ?? "";
        const why = (error as NodeJS.ErrnoException).code === "ENOENT" ? "is not installed" : said || "failed";
        reject(new AccessError(`${[program, ...args].join(" ").slice(0, 100)}: ${why}`, false, error));
      },
    );
  });
}
